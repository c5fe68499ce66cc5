// Global stores beside a worker: who waits for whom.
#include "runtime/global_state.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "millrace/engine.h"
#include "millrace/memory_log.h"
#include "millrace/millrace.h"
#include "runtime/stream_worker.h"
#include "runtime/topic_setup.h"

namespace millrace {
namespace {

using Text = std::string;
const Topic<Text, Text> kIn("in");
const Topic<Text, Text> kRows("rows");
const Topic<Text, Text> kOut("out");

absl::StatusOr<Topology> BuildLookup() {
  TopologyBuilder flow("lookup");
  flow.From(kIn)
      .Join(
          flow.GlobalTableFrom(kRows, "table"), [](const Text& value) { return value; },
          [](const Text& value, const Text& row) { return value + row; })
      .To(kOut);
  flow.From(Topic<Text, Text>("plain")).To(Topic<Text, Text>("plain-out"));
  return std::move(flow).Build();
}

class GlobalStateTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "millrace-globals-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    plan_ = *SetUpTopics(topology_.data(), {.application = "lookup", .default_partitions = 2},
                         log_.get());
  }
  void TearDown() override {
    worker_.reset();
    globals_.reset();
    std::filesystem::remove_all(directory_);
  }

  void Produce(const std::string& topic, int count) {
    auto producer = *log_->NewProducer({});
    const TopicHandle handle = *producer->OpenTopic(topic);
    for (int i = 0; i < count; ++i) {
      const std::string text = std::to_string(i);
      ASSERT_TRUE(producer
                      ->Produce(handle, PartitionId(i % 2),
                                {.key = text, .value = text, .timestamp = TimestampFromMillis(i)})
                      .ok());
    }
    ASSERT_TRUE(producer->Commit({}).ok());
  }
  int64_t CountOf(const std::string& topic) {
    int64_t records = 0;
    const TopicDescription description = *log_->DescribeTopic(topic);
    for (const PartitionDescription& partition : description.partitions) {
      records += partition.end.value();
    }
    return records;
  }
  void Start() {
    worker_.reset();
    globals_.reset();
    globals_ =
        std::make_unique<GlobalState>(topology_, GlobalEnvironment{.state_directory = directory_,
                                                                   .log = log_.get(),
                                                                   .stores = stores_.get(),
                                                                   .clock = &clock_,
                                                                   .metrics = &metrics_});
    ASSERT_TRUE(globals_->Start().ok());
    worker_ = std::make_unique<StreamWorker>(
        topology_, plan_.tasks, log_.get(), stores_.get(), &clock_, &metrics_,
        StreamWorkerOptions{.application = "lookup",
                            .transactional_id = "lookup-0",
                            .state_directory = directory_,
                            .commit_interval = std::chrono::hours(1),
                            .globals = globals_.get()});
    ASSERT_TRUE(worker_->Start().ok());
  }
  void Work() {
    ASSERT_TRUE(worker_->Step(1000).ok());
    ASSERT_TRUE(worker_->Commit().ok());
  }

  const Topology topology_ = *BuildLookup();
  std::unique_ptr<Log> log_ = NewMemoryLog();
  std::unique_ptr<StoreEnvironment> stores_ = StoreEnvironment::Create({});
  ManualClock clock_;
  MetricsRegistry registry_;
  TaskMetrics metrics_{&registry_, "lookup", 0};
  TaskPlan plan_;
  std::string directory_;
  std::unique_ptr<GlobalState> globals_;
  std::unique_ptr<StreamWorker> worker_;
};

TEST_F(GlobalStateTest, OnlyTheTasksThatReadItWaitUntilItHoldsWhatWasThereAtTheStart) {
  Produce("rows", 10);
  Produce("in", 10);
  Produce("plain", 10);
  Start();
  EXPECT_FALSE(globals_->ready());
  Work();
  EXPECT_EQ(CountOf("out"), 0);
  EXPECT_EQ(CountOf("plain-out"), 10);
  EXPECT_EQ(*globals_->Step(4), 4);
  Work();
  EXPECT_EQ(CountOf("out"), 0);
  EXPECT_EQ(*globals_->Step(100), 6);
  EXPECT_TRUE(globals_->ready());
  Work();
  EXPECT_EQ(CountOf("out"), 10);
}

TEST_F(GlobalStateTest, GoesOnWhereItStoppedAndStaysReadyWhileMoreComes) {
  Produce("rows", 10);
  Start();
  EXPECT_EQ(*globals_->Step(100), 10);
  Start();
  EXPECT_TRUE(globals_->ready());
  Produce("rows", 4);
  EXPECT_TRUE(globals_->ready());
  EXPECT_FALSE(*globals_->CaughtUp());
  EXPECT_EQ(*globals_->Step(100), 4);
  EXPECT_TRUE(*globals_->CaughtUp());
}

TEST_F(GlobalStateTest, StateThatIsAheadOfItsTopicIsMovedAsideAndReadAgain) {
  Produce("rows", 10);
  Start();
  EXPECT_EQ(*globals_->Step(100), 10);
  ASSERT_TRUE(log_->DeleteTopic("rows").ok());
  ASSERT_TRUE(log_->CreateTopic("rows", {.partitions = 2}).ok());
  Produce("rows", 2);
  Start();
  EXPECT_EQ(*globals_->Step(100), 2);
  const auto view = globals_->NewView("table");
  const Text old_key = "7";
  EXPECT_EQ(view->Get(&old_key).value, nullptr);
  EXPECT_TRUE(std::filesystem::exists(directory_ + "/table-global.damaged-1"));
}

TEST_F(GlobalStateTest, AnEngineFollowsItOnAThreadOfItsOwn) {
  Produce("rows", 10);
  Produce("in", 10);
  EngineOptions options;
  options.state_directory = directory_;
  options.threads = 2;
  options.default_partitions = 2;
  for (int run = 1; run <= 2; ++run) {
    auto engine = *Engine::Create(topology_, log_.get(), options);
    ASSERT_TRUE(engine->Start().ok());
    ASSERT_TRUE(WaitUntilIdle({engine.get()}).ok());
    EXPECT_EQ(CountOf("out"), 10 * run);
    int rows = 0;
    EXPECT_TRUE(engine->ScanStore("table", [&rows](auto, auto, auto) { return ++rows > 0; }).ok());
    EXPECT_EQ(rows, 10);
    ASSERT_TRUE(engine->Stop().ok());
    Produce("in", 10);
  }
}

}  // namespace
}  // namespace millrace
