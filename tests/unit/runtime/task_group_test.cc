// Engines that share an application's tasks through a group: joins, leaves, members that are thrown
// out while they work, standbys, threads that come and go.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <map>
#include <random>
#include <thread>

#include "millrace/engine.h"
#include "millrace/forwarding_log.h"
#include "millrace/memory_log.h"
#include "millrace/millrace.h"
#include "runtime/task_placement.h"
#include "testing/group_log.h"

namespace millrace {
namespace {

const Topic<std::string, std::string> kIn("in");
const Topic<std::string, int64_t> kOut("out");
constexpr int kPartitions = 6;

absl::StatusOr<Topology> BuildCounts() {
  TopologyBuilder flow("counts");
  flow.From(kIn)
      .GroupBy("by-value", [](const std::string& value) { return value; })
      .Count("count-of-value")
      .ToStream()
      .To(kOut);
  return std::move(flow).Build();
}

int64_t Decoded(std::string_view bytes) {
  int64_t number = 0;
  EXPECT_TRUE(Serde<int64_t>::Decode(bytes, &number).ok());
  return number;
}

class TaskGroupTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "millrace-group-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    ASSERT_TRUE(memory_->CreateTopic("in", {.partitions = kPartitions}).ok());
    ASSERT_TRUE(memory_->CreateTopic("out", {.partitions = kPartitions}).ok());
    producer_ = *memory_->NewProducer({});
    in_ = *producer_->OpenTopic("in");
  }
  void TearDown() override {
    engines_.clear();
    std::filesystem::remove_all(directory_);
  }

  void Feed(int records) {
    for (int i = 0; i < records; ++i, ++fed_) {
      const std::string value = "v" + std::to_string(fed_ % 37);
      const OutgoingRecord record{.value = value, .timestamp = TimestampFromMillis(fed_)};
      ASSERT_TRUE(producer_->Produce(in_, PartitionId(fed_ % kPartitions), record).ok());
    }
    ASSERT_TRUE(producer_->Commit({}).ok());
  }

  void StartEngine(const std::string& name, int threads = 1, int standbys = 0) {
    auto engine = *Engine::Create(*BuildCounts(), log_.get(),
                                  {.state_directory = directory_ + "/" + name,
                                   .threads = threads,
                                   .commit_interval = Duration(2),
                                   .instance_id = name,
                                   .standby_replicas = standbys});
    ASSERT_TRUE(engine->Start().ok());
    engines_[name] = std::move(engine);
  }

  int CountOf(const std::string& name, TaskStatus::State state) const {
    const std::vector<TaskStatus> tasks = engines_.at(name)->tasks();
    return static_cast<int>(std::count_if(tasks.begin(), tasks.end(),
                                          [&](const auto& task) { return task.state == state; }));
  }
  int Running(const std::string& name) const { return CountOf(name, TaskStatus::State::kRunning); }

  static void Until(const std::function<bool()>& reached) {
    while (!reached()) std::this_thread::yield();
  }

  void WaitForAll() {
    std::vector<Engine*> engines;
    for (const auto& [name, engine] : engines_) engines.push_back(engine.get());
    ASSERT_TRUE(WaitUntilIdle(engines).ok());
  }

  void ExpectExactlyOnce() {
    std::map<std::string, int64_t> counts;
    auto reader = *memory_->NewReader();
    const TopicDescription out = *memory_->DescribeTopic("out");
    int64_t total = 0;
    for (int32_t p = 0; p < kPartitions; ++p) {
      const TopicPartition partition{"out", PartitionId(p)};
      ASSERT_TRUE(reader->Assign(partition, Offset(0)).ok());
      while (true) {
        const RecordBatch batch = *reader->Fetch(partition, 1 << 20);
        if (batch.empty()) break;
        for (const RecordView& record : batch.records) {
          ++total;
          const std::string key(*record.key);
          EXPECT_EQ(Decoded(*record.value), ++counts[key]) << key;
        }
      }
    }
    EXPECT_EQ(total, fed_);
  }

  std::string directory_;
  std::unique_ptr<Log> memory_ = NewMemoryLog();
  std::unique_ptr<GroupLog> log_ = NewGroupLog(memory_.get());
  std::unique_ptr<LogProducer> producer_;
  TopicHandle in_;
  int fed_ = 0;
  std::map<std::string, std::unique_ptr<Engine>> engines_;
};

TEST_F(TaskGroupTest, MembersShareTheTasksAndCountEveryRecordOnce) {
  StartEngine("a");
  StartEngine("b");
  Feed(500);
  WaitForAll();
  Until([&] { return Running("a") == kPartitions && Running("b") == kPartitions; });
  ExpectExactlyOnce();
}

TEST_F(TaskGroupTest, TasksOfALeavingMemberGoOnElsewhere) {
  StartEngine("a");
  StartEngine("b");
  Feed(500);
  Until([&] { return Running("b") == kPartitions; });
  ASSERT_TRUE(engines_["b"]->Leave().ok());
  engines_.erase("b");
  Feed(500);
  WaitForAll();
  EXPECT_EQ(Running("a"), 2 * kPartitions);
  ExpectExactlyOnce();
}

TEST_F(TaskGroupTest, AMemberThatTheGroupGaveUpCommitsNothingMore) {
  StartEngine("a");
  StartEngine("b");
  for (int round = 0; round < 200 && log_->refused_commits() < 3; ++round) {
    Feed(300);
    log_->Expel("counts", round % 2 == 0 ? "a" : "b");
    WaitForAll();
  }
  EXPECT_GE(log_->refused_commits(), 3) << "the fault did not bite";
  ExpectExactlyOnce();
}

TEST_F(TaskGroupTest, WhatADeadMemberHasOpenIsEndedByWhoTakesOver) {
  StartEngine("a");
  Until([&] { return Running("a") == 2 * kPartitions; });
  const auto dead = *log_->JoinTaskGroup(
      {.group = "counts", .tasks = 2 * kPartitions, .plan = "", .instance_id = "b"});
  const auto open = *log_->NewProducer({.transactional_id = "counts-b-0"});
  Until([&] {
    const TaskGroupEvent::Kind kind = dead->Poll(Duration(1))->kind;
    EXPECT_TRUE(dead->Acknowledge().ok());
    return kind == TaskGroupEvent::Kind::kAssigned;
  });
  Until([&] { return Running("a") < 2 * kPartitions; });
  log_->Expel("counts", "b");
  Until([&] { return Running("a") == 2 * kPartitions; });
  const absl::Status late = open->Commit({}).status();
  EXPECT_TRUE(absl::IsAborted(late)) << late;
}

// The one that takes over may be wrong about it.
TEST_F(TaskGroupTest, AMemberWhoseProducersAreFencedGoesOn) {
  StartEngine("a");
  Feed(100);
  WaitForAll();
  ASSERT_TRUE(log_->NewProducer({.transactional_id = "counts-a-0"}).ok());
  Feed(100);
  WaitForAll();
  ExpectExactlyOnce();
}

TEST_F(TaskGroupTest, AMemberWhoseInputWasDeletedUnderItGoesOn) {
  StartEngine("a");
  const auto restarts = [&] {
    double sum = 0;
    for (const MetricSample& sample : engines_["a"]->metrics()->Snapshot()) {
      if (sample.name == "millrace_task_restarts_total") sum += sample.value;
    }
    return sum;
  };
  for (int round = 0; round < 1000 && restarts() == 0; ++round) {
    engines_["a"]->Pause();
    Feed(60);
    const Offset end = memory_->DescribeTopic("in")->partitions[0].end;
    ASSERT_TRUE(memory_->DeleteRecordsBefore({"in", PartitionId(0)}, end).ok());
    engines_["a"]->Resume();
    WaitForAll();
  }
  EXPECT_GE(restarts(), 1) << "the fault did not bite";
}

TEST_F(TaskGroupTest, AnInputThatGotPartitionsStopsItsReadersAndSaysWhatToDo) {
  auto engine = *Engine::Create(
      *BuildCounts(), log_.get(),
      {.state_directory = directory_ + "/a", .metadata_max_age = Duration(10), .instance_id = "a"});
  ASSERT_TRUE(engine->Start().ok());
  Feed(20);
  ASSERT_TRUE(WaitUntilIdle({engine.get()}).ok());
  ASSERT_TRUE(memory_->AddPartitions("in", kPartitions + 2).ok());
  Until([&] { return !engine->status().ok(); });
  const absl::Status status = engine->status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()),
              testing::AllOf(testing::HasSubstr("'in' has 8 partitions now and had 6"),
                             testing::HasSubstr("start them again")));
}

// Its questions about inputs get no answer while it is mute.
class MuteLog : public ForwardingLog {
 public:
  using ForwardingLog::ForwardingLog;
  absl::StatusOr<std::vector<PartitionDescription>> DescribePartitions(
      const std::string& topic) override {
    waiting = mute.load();
    mute.wait(true);
    waiting = false;
    return inner()->DescribePartitions(topic);
  }
  void Answer() {
    mute = false;
    mute.notify_all();
  }
  std::atomic<bool> mute = false;
  std::atomic<bool> waiting = false;
};

TEST_F(TaskGroupTest, AMemberThatWaitsForAnAnswerAboutItsInputsHearsTheGroup) {
  MuteLog mute(log_.get());
  const auto engine = *Engine::Create(
      *BuildCounts(), &mute,
      {.state_directory = directory_ + "/a", .metadata_max_age = Duration(1), .instance_id = "a"});
  ASSERT_TRUE(engine->Start().ok());
  ASSERT_TRUE(WaitUntilIdle({engine.get()}).ok());
  mute.mute = true;
  Until([&] { return mute.waiting.load(); });
  StartEngine("b");
  Until([&] { return Running("b") == kPartitions; });
  EXPECT_TRUE(mute.waiting);
  mute.Answer();
}

// The producer of the second thread takes its time; notes whether positions were asked for before.
class SlowFence : public ForwardingLog {
 public:
  explicit SlowFence(GroupLog* log) : ForwardingLog(log), group_(log) {}
  absl::StatusOr<std::unique_ptr<LogProducer>> NewProducer(
      const ProducerOptions& options) override {
    if (options.transactional_id.ends_with("-1")) {
      while (group_->generation("counts") < 1) std::this_thread::yield();
      for (int i = 0; i < 20'000 && !asked_early; ++i) std::this_thread::yield();
      fenced_ = true;
    }
    return inner()->NewProducer(options);
  }
  absl::StatusOr<GroupOffsets> CommittedOffsetsOf(
      const std::string& group, const std::vector<TopicPartition>& partitions) override {
    if (!fenced_) asked_early = true;
    return inner()->CommittedOffsetsOf(group, partitions);
  }
  std::atomic<bool> asked_early = false;

 private:
  GroupLog* const group_;
  std::atomic<bool> fenced_ = false;
};

TEST_F(TaskGroupTest, NoTaskStartsBeforeTheProducersOfAllThreadsAreFenced) {
  SlowFence slow(log_.get());
  Feed(100);
  const auto engine =
      *Engine::Create(*BuildCounts(), &slow,
                      {.state_directory = directory_ + "/a", .threads = 2, .instance_id = "a"});
  ASSERT_TRUE(engine->Start().ok());
  ASSERT_TRUE(WaitUntilIdle({engine.get()}).ok());
  EXPECT_FALSE(slow.asked_early);
}

TEST_F(TaskGroupTest, EnginesShareTheMemoryOfOneStateCache) {
  const std::shared_ptr<StateCache> cache = StateCache::Create(32 << 20);
  size_t used = cache->used_bytes();
  for (const std::string name : {"a", "b"}) {
    auto& engine = engines_[name] = *Engine::Create(
        *BuildCounts(), log_.get(),
        {.state_directory = directory_ + "/" + name, .state_cache = cache, .instance_id = name});
    ASSERT_TRUE(engine->Start().ok());
    Feed(100);
    WaitForAll();
    EXPECT_GT(cache->used_bytes(), used) << name;
    used = cache->used_bytes();
  }
}

TEST_F(TaskGroupTest, LosesAndDoublesNothingWhileMembersComeAndGo) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  StartEngine("a");
  for (int step = 0; step < 40; ++step) {
    Feed(100);
    const std::string name(1, static_cast<char>('a' + random() % 4));
    if (engines_.contains(name) && engines_.size() > 1) {
      if (random() % 2 == 0) log_->Expel("counts", name);
      engines_.erase(name);
    } else if (!engines_.contains(name)) {
      StartEngine(name, 1 + static_cast<int>(random() % 3));
    }
  }
  WaitForAll();
  EXPECT_GT(log_->generation("counts"), 10);
  ExpectExactlyOnce();
}

TEST_F(TaskGroupTest, AStandbyTakesOverWithoutARestore) {
  StartEngine("a", 1, 1);
  StartEngine("b", 1, 1);
  Feed(2000);
  Until([&] { return Running("a") == kPartitions && Running("b") == kPartitions; });
  WaitForAll();
  const auto standbys_are_there = [&] {
    int followed = 0;
    for (const TaskStatus& task : engines_["a"]->tasks()) {
      followed += task.state == TaskStatus::State::kStandby && task.behind == 0;
    }
    return followed == kPartitions / 2;  // the tasks that count; the others keep no state
  };
  Until(standbys_are_there);
  ASSERT_TRUE(engines_["b"]->Leave().ok());
  engines_.erase("b");
  Until([&] { return Running("a") == 2 * kPartitions; });
  Feed(100);
  WaitForAll();
  ExpectExactlyOnce();
}

TEST_F(TaskGroupTest, ThreadsComeAndGoWhileRecordsFlow) {
  StartEngine("a", 2);
  for (const int threads : {4, 1, 3, 2, 5, 1}) {
    Feed(200);
    ASSERT_TRUE(engines_["a"]->SetThreads(threads).ok());
    Feed(200);
    WaitForAll();
  }
  ExpectExactlyOnce();
}

TEST_F(TaskGroupTest, APausedEngineKeepsItsTasksAndGoesOnWhenResumed) {
  StartEngine("a");
  Feed(100);
  WaitForAll();
  engines_["a"]->Pause();
  Feed(100);
  EXPECT_FALSE(*engines_["a"]->CaughtUp());
  EXPECT_EQ(Running("a"), 2 * kPartitions);
  engines_["a"]->Resume();
  WaitForAll();
  ExpectExactlyOnce();
}

TEST(TaskPlacement, MovesOnlyWhatBalanceNeeds) {
  std::set<TaskId> tasks;
  for (int p = 0; p < 8; ++p) tasks.insert({0, PartitionId(p)});
  const std::map<TaskId, int> two = PlaceOnThreads(tasks, {}, 2);
  const std::map<TaskId, int> four = PlaceOnThreads(tasks, two, 4);
  int stayed = 0;
  std::map<int, int> load;
  for (const auto& [task, thread] : four) {
    stayed += two.at(task) == thread;
    ++load[thread];
  }
  EXPECT_EQ(stayed, 4);
  EXPECT_THAT(load, testing::ElementsAre(testing::Pair(0, 2), testing::Pair(1, 2),
                                         testing::Pair(2, 2), testing::Pair(3, 2)));
}

TEST(TaskPlacement, SpreadsEverySubtopologyOverTheThreads) {
  std::set<TaskId> tasks;
  for (int s = 0; s < 2; ++s) {
    for (int p = 0; p < 8; ++p) tasks.insert({s, PartitionId(p)});
  }
  std::map<TaskId, int> placed;
  for (const int threads : {2, 4, 3, 8, 2}) {
    placed = PlaceOnThreads(tasks, placed, threads);
    std::map<std::pair<int, int>, int> alike;
    std::map<int, int> load;
    for (const auto& [task, thread] : placed) {
      ++alike[{thread, task.subtopology}];
      ++load[thread];
    }
    const auto at_most = [threads](int count) { return (count + threads - 1) / threads; };
    for (const auto& [where, count] : alike) EXPECT_LE(count, at_most(8)) << threads << " threads";
    for (const auto& [thread, count] : load) EXPECT_LE(count, at_most(16)) << threads << " threads";
  }
}

TEST(TaskPlacement, RangesAreThoseOfTheRangeAssignor) {
  std::vector<int> owners;
  for (int task = 0; task < 8; ++task) owners.push_back(RangeOwner(task, 8, 3));
  EXPECT_THAT(owners, testing::ElementsAre(0, 0, 0, 1, 1, 1, 2, 2));
}

TEST(TaskPlacement, EveryTaskHasItsStandbyWhereItsOwnersFailureWouldSendIt) {
  constexpr int kMembers = 5;
  constexpr int32_t kTasks = 17;
  std::map<int32_t, std::vector<int>> holders;
  for (int member = 0; member < kMembers; ++member) {
    for (const int32_t task : StandbysOf(member, kMembers, kTasks, 1)) {
      holders[task].push_back(member);
    }
  }
  for (int32_t task = 0; task < kTasks; ++task) {
    const int owner = RangeOwner(task, kTasks, kMembers);
    int heir = RangeOwner(task, kTasks, kMembers - 1);
    if (heir >= owner) ++heir;
    EXPECT_THAT(holders[task], testing::ElementsAre(heir)) << "task " << task;
  }
}

}  // namespace
}  // namespace millrace
