// Orders that change while the updater is at work.
#include "runtime/state_updater.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "millrace/engine.h"
#include "millrace/memory_log.h"
#include "millrace/millrace.h"
#include "testing/fault_log.h"

namespace millrace {
namespace {

const Topic<std::string, std::string> kIn("in");

absl::StatusOr<Topology> BuildCounts() {
  TopologyBuilder flow("counts");
  flow.From(kIn).GroupByKey().Count("count-of-key");
  return std::move(flow).Build();
}

class StateUpdaterTest : public testing::Test {
 protected:
  void SetUp() override {
    directory_ = (std::filesystem::temp_directory_path() / "millrace-updater-XXXXXX").string();
    ASSERT_NE(::mkdtemp(directory_.data()), nullptr);
    ASSERT_TRUE(memory_->CreateTopic("in", {.partitions = 1}).ok());
    auto producer = *memory_->NewProducer({});
    const OutgoingRecord record{.key = "k", .value = "v", .timestamp = TimestampFromMillis(1)};
    ASSERT_TRUE(producer->Produce(*producer->OpenTopic("in"), PartitionId(0), record).ok());
    ASSERT_TRUE(producer->Commit({}).ok());
    auto engine =
        *Engine::Create(*BuildCounts(), memory_.get(), {.state_directory = directory_ + "/first"});
    ASSERT_TRUE(engine->Start().ok());
    ASSERT_TRUE(WaitUntilIdle({engine.get()}).ok());
    ASSERT_TRUE(engine->Stop().ok());
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string directory_;
  const std::unique_ptr<Log> memory_ = NewMemoryLog();
  const std::unique_ptr<StoreEnvironment> stores_ = StoreEnvironment::Create({});
};

// The group took the task away and the next one keeps a copy of it here: all while the last records
// of the restore are on their way.
TEST_F(StateUpdaterTest, ARestoreThatBecomesAStandbyAtItsLastRecordIsFollowed) {
  const TaskId task{0, PartitionId(0)};
  StateUpdater* updater = nullptr;
  std::atomic<bool> turned = false;
  const Faults faults{.on_fetch = [&] {
    if (!turned.exchange(true)) updater->SetTasks({{task, StateUpdater::Role::kStandby}});
    return absl::OkStatus();
  }};
  const std::unique_ptr<Log> log = NewFaultLog(memory_.get(), &faults);
  StateUpdater under_test(*BuildCounts(), {.application = "counts",
                                           .state_directory = directory_ + "/second/counts",
                                           .log = log.get(),
                                           .stores = stores_.get()});
  updater = &under_test;
  ASSERT_TRUE(under_test.Start().ok());
  under_test.SetTasks({{task, StateUpdater::Role::kRestore}});
  while (true) {
    EXPECT_TRUE(under_test.TakeRestored().empty()) << "nobody wants to take it any more";
    const auto progress = under_test.progress();
    const bool follows = progress.size() == 1 && progress[0].role == StateUpdater::Role::kStandby;
    if (turned && follows && progress[0].behind == 0) break;
    ASSERT_FALSE(HasFailure());
    std::this_thread::yield();
  }
  under_test.Stop();
}

}  // namespace
}  // namespace millrace
