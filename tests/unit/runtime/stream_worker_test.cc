// The commit protocol under faults: each test runs a worker step by step on a memory log, breaks
// it at a chosen moment, starts another one, and compares everything with a run without faults.
#include "runtime/stream_worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "millrace/memory_log.h"
#include "millrace/millrace.h"
#include "millrace/partitioner.h"
#include "runtime/topic_setup.h"
#include "testing/fault_log.h"

namespace millrace {
namespace {

const Topic<std::string, std::string> kIn("in");
const Topic<std::string, int64_t> kOut("out");

constexpr int kRecords = 60;

absl::StatusOr<Topology> BuildCounts() {
  TopologyBuilder flow("counts");
  flow.From(kIn)
      .GroupBy("by-value", [](const std::string& value) { return value; })
      .Count("count-of-value")
      .ToStream()
      .To(kOut);
  return std::move(flow).Build();
}

struct Crash {};  // thrown by a hook: the worker is gone from here on

class StreamWorkerTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "millrace-worker-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    plan_ = *SetUpTopics(topology_.data(), {.application = "counts", .default_partitions = 2},
                         memory_.get());
    auto producer = *memory_->NewProducer({});
    const TopicHandle in = *producer->OpenTopic("in");
    for (int i = 0; i < kRecords; ++i) {
      const std::string value = "v" + std::to_string(i % 7);
      ASSERT_TRUE(producer
                      ->Produce(in, PartitionId(i % 2),
                                {.value = value, .timestamp = TimestampFromMillis(i)})
                      .ok());
    }
    ASSERT_TRUE(producer->Commit({}).ok());
  }
  void TearDown() override {
    worker_.reset();
    std::filesystem::remove_all(directory_);
  }

  std::unique_ptr<StreamWorker> NewWorker(Log* log, CrashHook crash = nullptr) {
    return std::make_unique<StreamWorker>(
        topology_, plan_.tasks, log, stores_.get(), &clock_, &metrics_,
        StreamWorkerOptions{.application = "counts",
                            .transactional_id = "counts-0",
                            .state_directory = directory_,
                            .commit_interval = std::chrono::hours(1),
                            .crash = std::move(crash)});
  }

  // Seven records per transaction, until there is nothing left.
  static absl::Status RunToEnd(StreamWorker* worker) {
    while (true) {
      const absl::StatusOr<StreamWorker::Progress> progress = worker->Step(7);
      if (!progress.ok()) return progress.status();
      const absl::StatusOr<bool> committed = worker->Commit();
      if (!committed.ok()) return committed.status();
      if (progress->records == 0 && !*committed) return absl::OkStatus();
    }
  }

  // The counts of each value in the order in which they came out.
  std::map<std::string, std::vector<int64_t>> Outputs() {
    std::map<std::string, std::vector<int64_t>> outputs;
    auto reader = *memory_->NewReader();
    for (int p = 0; p < 2; ++p) {
      const TopicPartition partition{"out", PartitionId(p)};
      EXPECT_TRUE(reader->Assign(partition, Offset(0)).ok());
      while (true) {
        const RecordBatch batch = *reader->Fetch(partition, 1 << 20);
        if (batch.empty()) break;
        for (const RecordView& record : batch.records) {
          int64_t count = 0;
          EXPECT_TRUE(Serde<int64_t>::Decode(*record.value, &count).ok());
          outputs[std::string(*record.key)].push_back(count);
        }
      }
    }
    return outputs;
  }

  void ExpectExactlyOnce() {
    const auto outputs = Outputs();
    int64_t total = 0;
    for (const auto& [value, counts] : outputs) {
      for (size_t i = 0; i < counts.size(); ++i) {
        EXPECT_EQ(counts[i], static_cast<int64_t>(i) + 1) << value;
      }
      total += static_cast<int64_t>(counts.size());
    }
    EXPECT_EQ(total, kRecords);
  }

  std::string directory_;
  const Topology topology_ = *BuildCounts();
  std::unique_ptr<Log> memory_ = NewMemoryLog();
  std::unique_ptr<StoreEnvironment> stores_ = StoreEnvironment::Create({});
  ManualClock clock_;
  MetricsRegistry registry_;
  TaskMetrics metrics_{&registry_, "counts", 0};
  TaskPlan plan_;
  std::unique_ptr<StreamWorker> worker_;
};

TEST_F(StreamWorkerTest, CountsEveryRecordOnce) {
  worker_ = NewWorker(memory_.get());
  ASSERT_TRUE(worker_->Start().ok());
  ASSERT_TRUE(RunToEnd(worker_.get()).ok());
  ExpectExactlyOnce();
}

TEST_F(StreamWorkerTest, CommitsThePositionsOfIdleInputsAnewOnceADay) {
  int commits = 0;
  const Faults count{.on_commit = [&] {
    ++commits;
    return CommitFault::kNone;
  }};
  const std::unique_ptr<Log> log = NewFaultLog(memory_.get(), &count);
  StreamWorkerOptions options{.application = "counts",
                              .transactional_id = "counts-0",
                              .state_directory = directory_,
                              .commit_interval = std::chrono::hours(1)};
  options.member = [] { return std::string("generation 1"); };
  worker_ = std::make_unique<StreamWorker>(topology_, plan_.tasks, log.get(), stores_.get(),
                                           &clock_, &metrics_, std::move(options));
  ASSERT_TRUE(worker_->Start().ok());
  ASSERT_TRUE(RunToEnd(worker_.get()).ok());
  for (int hour = 0; hour < 23; ++hour) {
    clock_.Advance(std::chrono::hours(1));
    ASSERT_TRUE(worker_->Step(7).ok());
  }
  const int before = commits;
  for (int hour = 0; hour < 24; ++hour) {
    clock_.Advance(std::chrono::hours(1));
    ASSERT_TRUE(worker_->Step(7).ok());
  }
  EXPECT_EQ(commits, before + 1);
}

class CrashPointTest : public StreamWorkerTest, public testing::WithParamInterface<CrashPoint> {};

TEST_P(CrashPointTest, LosesAndDoublesNothingWhenItDiesThereEveryThirdTime) {
  int reached = 0;
  int crashes = 0;
  const CrashHook hook = [&](CrashPoint point) {
    if (point == GetParam() && ++reached % 3 == 0) {
      ++crashes;
      throw Crash();
    }
  };
  for (int life = 0; life < 100; ++life) {
    worker_ = NewWorker(memory_.get(), hook);
    ASSERT_TRUE(worker_->Start().ok());
    try {
      ASSERT_TRUE(RunToEnd(worker_.get()).ok());
      break;
    } catch (const Crash&) {
      worker_.reset();
    }
  }
  EXPECT_GT(crashes, 3) << "the fault did not bite";
  ExpectExactlyOnce();
}

INSTANTIATE_TEST_SUITE_P(EveryPoint, CrashPointTest,
                         testing::Values(CrashPoint::kBeforeChangelog, CrashPoint::kAfterChangelog,
                                         CrashPoint::kAfterLogCommit, CrashPoint::kBetweenStores,
                                         CrashPoint::kAfterApply));

class CommitFaultTest : public StreamWorkerTest, public testing::WithParamInterface<CommitFault> {};

TEST_P(CommitFaultTest, GoesOnByItselfWithoutLossOrDouble) {
  int commits = 0;
  int faults_injected = 0;
  const Faults faults{.on_commit = [&] {
    if (++commits % 3 != 0) return CommitFault::kNone;
    ++faults_injected;
    return GetParam();
  }};
  const std::unique_ptr<Log> log = NewFaultLog(memory_.get(), &faults);
  worker_ = NewWorker(log.get());
  ASSERT_TRUE(worker_->Start().ok());
  // Commits through Step(), which holds the reactions.
  bool idle = false;
  while (!idle) {
    const auto progress = worker_->Step(7);
    ASSERT_TRUE(progress.ok()) << progress.status();
    clock_.Advance(std::chrono::hours(2));  // the next Step commits
    const auto committed = worker_->Step(0);
    ASSERT_TRUE(committed.ok()) << committed.status();
    idle = progress->records == 0 && !committed->committed;
  }
  EXPECT_GT(faults_injected, 3) << "the fault did not bite";
  ExpectExactlyOnce();
}

INSTANTIATE_TEST_SUITE_P(EveryFault, CommitFaultTest,
                         testing::Values(CommitFault::kUnavailable, CommitFault::kUnknownBefore,
                                         CommitFault::kUnknownAfter));

TEST_F(StreamWorkerTest, StopsOnAFullDiskAndGoesOnAfterwards) {
  bool full = false;
  const Faults faults{
      .on_commit = [&] { return full ? CommitFault::kNoSpace : CommitFault::kNone; }};
  const std::unique_ptr<Log> log = NewFaultLog(memory_.get(), &faults);
  worker_ = NewWorker(log.get());
  ASSERT_TRUE(worker_->Start().ok());
  ASSERT_TRUE(worker_->Step(20).ok());
  full = true;
  clock_.Advance(std::chrono::hours(2));
  EXPECT_EQ(worker_->Step(5).status().code(), absl::StatusCode::kResourceExhausted);
  worker_.reset();
  full = false;
  worker_ = NewWorker(log.get());
  ASSERT_TRUE(worker_->Start().ok());
  ASSERT_TRUE(RunToEnd(worker_.get()).ok());
  ExpectExactlyOnce();
}

TEST_F(StreamWorkerTest, AZombieIsFencedAndItsWorkIsDropped) {
  worker_ = NewWorker(memory_.get());
  ASSERT_TRUE(worker_->Start().ok());
  ASSERT_TRUE(worker_->Step(10).ok());
  // Another process with the same identity, on state of its own.
  std::filesystem::create_directories(directory_ + "/other");
  StreamWorker heir(topology_, plan_.tasks, memory_.get(), stores_.get(), &clock_, &metrics_,
                    {.application = "counts",
                     .transactional_id = "counts-0",
                     .state_directory = directory_ + "/other"});
  ASSERT_TRUE(heir.Start().ok());
  EXPECT_EQ(worker_->Commit().status().code(), absl::StatusCode::kAborted);
  ASSERT_TRUE(RunToEnd(&heir).ok());
  ExpectExactlyOnce();
}

TEST_F(StreamWorkerTest, RebuildsDeletedStateFromTheChangelog) {
  worker_ = NewWorker(memory_.get());
  ASSERT_TRUE(worker_->Start().ok());
  ASSERT_TRUE(worker_->Step(25).ok());
  ASSERT_TRUE(worker_->Stop().ok());
  worker_.reset();
  std::filesystem::remove_all(directory_);
  worker_ = NewWorker(memory_.get());
  ASSERT_TRUE(worker_->Start().ok());
  ASSERT_TRUE(RunToEnd(worker_.get()).ok());
  ExpectExactlyOnce();
}

}  // namespace
}  // namespace millrace
