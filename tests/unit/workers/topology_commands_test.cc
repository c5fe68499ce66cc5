// `topology plan` and `topology trace` of topologies that read topics by a pattern, and what the
// plan says of windows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "captured_io.h"
#include "millrace/memory_log.h"
#include "millrace/millrace.h"
#include "workers/topology_plan.h"
#include "workers/topology_trace.h"

namespace millrace::worker {
namespace {

using std::chrono_literals::operator""ms;
using testing::AllOf;
using testing::HasSubstr;

using Text = std::string;

Topology CountMatching(Duration window) {
  TopologyBuilder flow("clicks");
  flow.FromMatching<Text, Text>("clicks-.*")
      .GroupByKey()
      .Window(Tumbling{.size = window})
      .Count("counts");
  return std::move(flow).Build().value();
}

class TopologyCommands : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = (std::filesystem::temp_directory_path() / "millrace-commands-XXXXXX").string();
    ASSERT_NE(::mkdtemp(directory_.data()), nullptr);
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  void Run(Duration window) {
    auto engine =
        Engine::Create(CountMatching(window), log_.get(), {.state_directory = directory_}).value();
    ASSERT_TRUE(engine->Start().ok());
    ASSERT_TRUE(engine->Stop().ok());
  }
  // What the command says, and its exit code.
  std::pair<Text, int> Plan(Duration window) {
    const std::vector<Topology> topologies = {CountMatching(window)};
    const TypeCatalog catalog(topologies);
    WorkerHost host{topologies, catalog, *log_, directory_, {}};
    CapturedIo io;
    const int code = PlanTopology({.topology = "clicks"}, host, io);
    return {io.output + io.error, code};
  }

  std::string directory_;
  const std::unique_ptr<Log> log_ = NewMemoryLog();
};

TEST_F(TopologyCommands, ThePlanNeedsATopicThatThePatternMatches) {
  EXPECT_THAT(Plan(10ms).first, HasSubstr("no topic matches 'clicks-.*'"));
  ASSERT_TRUE(log_->CreateTopic("clicks-eu", {.partitions = 2}).ok());
  EXPECT_THAT(Plan(10ms).first, HasSubstr("new          store counts"));
  EXPECT_EQ(Plan(10ms).second, 0);
}

TEST_F(TopologyCommands, ThePlanRefusesWindowsOfAnotherSize) {
  ASSERT_TRUE(log_->CreateTopic("clicks-eu", {.partitions = 2}).ok());
  Run(10ms);
  EXPECT_THAT(Plan(10ms).first, HasSubstr("nothing is lost"));
  const auto [text, code] = Plan(20ms);
  EXPECT_THAT(text, AllOf(HasSubstr("incompatible"), HasSubstr("windows of 10 ms")));
  EXPECT_EQ(code, 1);
}

TEST_F(TopologyCommands, ThePlanRefusesAWiderTopicThatThePatternMatchesNow) {
  ASSERT_TRUE(log_->CreateTopic("clicks-eu", {.partitions = 2}).ok());
  Run(10ms);
  ASSERT_TRUE(log_->CreateTopic("clicks-us", {.partitions = 5}).ok());
  const auto [text, code] = Plan(10ms);
  EXPECT_THAT(text, HasSubstr("it has 2 partitions, the topology's inputs have 5"));
  EXPECT_EQ(code, 1);
}

TEST_F(TopologyCommands, ATraceReadsTheTopicThatItIsTold) {
  const std::vector<Topology> topologies = {CountMatching(10ms)};
  CapturedIo io({R"({"key":"a","value":"x","timestamp":5})"});
  EXPECT_EQ(TraceTopology({.topology = "clicks", .default_topic = "clicks-eu"}, topologies, io), 0)
      << io.error;
  EXPECT_THAT(io.output, AllOf(HasSubstr(R"(clicks-eu  "a": "x" @5)"),
                               HasSubstr(R"(state  counts["a","window_start":0]: none -> 1)")));
  CapturedIo untold;
  EXPECT_NE(TraceTopology({.topology = "clicks"}, topologies, untold), 0);
  EXPECT_THAT(untold.error, HasSubstr("name one with --topic"));
}

}  // namespace
}  // namespace millrace::worker
