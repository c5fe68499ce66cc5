// `state scan`: the rows of every kind of store as lines, while the topology runs and after.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_split.h"
#include "captured_io.h"
#include "millrace/memory_log.h"
#include "millrace/millrace.h"
#include "workers/worker_host.h"

namespace millrace::worker {
namespace {

using std::chrono_literals::operator""ms;
using testing::ElementsAre;

using Text = std::string;
const Topic<Text, Text> kIn("in");

Topology BuildStores() {
  TopologyBuilder flow("stores");
  flow.CompactedTableFrom(kIn, "rows", {}, {.keep_headers = true});
  const auto in = flow.From(kIn);
  in.ToTable("history", {.history = 1000ms});
  in.GroupByKey().Window(Tumbling{.size = 10ms}).Count("windows", {.retention = 1000ms});
  in.GroupByKey().Window(Sessions{.gap = 10ms}).Count("sessions", {.retention = 1000ms});
  return std::move(flow).Build().value();
}

class StateScanTest : public testing::Test {
 protected:
  void SetUp() override {
    host_.state_directory =
        (std::filesystem::temp_directory_path() / "millrace-scan-XXXXXX").string();
    ASSERT_NE(::mkdtemp(host_.state_directory.data()), nullptr);
    ASSERT_TRUE(log_->CreateTopic("in", {}).ok());
    auto producer = log_->NewProducer({}).value();
    const TopicHandle in = producer->OpenTopic("in").value();
    const auto put = [&](std::optional<std::string_view> value, int64_t millis) {
      const Headers headers = {{"h", "x"}};
      ASSERT_TRUE(producer
                      ->Produce(in, PartitionId(0),
                                {.key = "a",
                                 .value = value,
                                 .timestamp = TimestampFromMillis(millis),
                                 .headers = &headers})
                      .ok());
    };
    put("1", 15);
    put(std::nullopt, 30);
    put("3", 38);
    ASSERT_TRUE(producer->Commit({}).ok());
    auto engine =
        Engine::Create(topologies_.front(), log_.get(), {.state_directory = host_.state_directory})
            .value();
    ASSERT_TRUE(engine->Start().ok());
    ASSERT_TRUE(WaitUntilIdle({engine.get()}).ok());
    host_.engines.push_back(std::move(engine));
  }
  void TearDown() override {
    StopEngine();
    std::filesystem::remove_all(host_.state_directory);
  }
  void StopEngine() {
    for (const auto& engine : host_.engines) ASSERT_TRUE(engine->Stop().ok());
    host_.engines.clear();
  }

  std::vector<Text> Scan(const Text& store) {
    CapturedIo io;
    EXPECT_EQ(ScanState({.store = store}, host_, io), 0) << io.error;
    return absl::StrSplit(io.output, '\n', absl::SkipEmpty());
  }
  void ExpectRows() {
    EXPECT_THAT(Scan("rows"),
                ElementsAre(R"({"key":"a","value":"3","timestamp":38,"headers":[["h","x"]]})"));
    EXPECT_THAT(Scan("history"),
                ElementsAre(R"({"key":"a","valid_from":15,"value":"1","timestamp":15})",
                            R"({"key":"a","valid_from":30,"value":null,"timestamp":30})",
                            R"({"key":"a","valid_from":38,"value":"3","timestamp":38})"));
    EXPECT_THAT(Scan("windows"),
                ElementsAre(R"({"key":"a","window_start":10,"value":1,"timestamp":15})",
                            R"({"key":"a","window_start":30,"value":2,"timestamp":38})"));
    EXPECT_THAT(
        Scan("sessions"),
        ElementsAre(R"({"key":"a","session_start":15,"session_end":15,"value":1,"timestamp":15})",
                    R"({"key":"a","session_start":30,"session_end":38,"value":2,"timestamp":38})"));
  }

  const std::vector<Topology> topologies_ = {BuildStores()};
  const TypeCatalog catalog_{topologies_};
  const std::unique_ptr<Log> log_ = NewMemoryLog();
  WorkerHost host_{topologies_, catalog_, *log_, "", {}};
};

TEST_F(StateScanTest, DecodesTheRowsOfARunningTopology) { ExpectRows(); }

TEST_F(StateScanTest, DecodesTheRowsOfAStoppedTopology) {
  StopEngine();
  ExpectRows();
}

TEST_F(StateScanTest, ReadsTheTopicAgainOfWhichThereIsNoStateLeft) {
  StopEngine();
  std::filesystem::remove_all(host_.state_directory);
  ExpectRows();
}

}  // namespace
}  // namespace millrace::worker
