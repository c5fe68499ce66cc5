// The cleaner of compacted topics, against a model: the newest value of every key.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/time.h>
#include <unistd.h>

#include <random>
#include <thread>

#include "millrace/local_log.h"
#include "unit/log/child_process.h"
#include "unit/log/log_testing.h"

namespace millrace {
namespace {

using log_testing::At;
using log_testing::ChildArgument;
using log_testing::ChildProcess;
using log_testing::Must;
using log_testing::MustBeOk;
using log_testing::Put;
using log_testing::ReadAll;
using log_testing::Stored;
using testing::ElementsAre;

using Model = std::map<std::string, std::string>;

// What a reader who starts at the begin knows in the end.
Model Fold(const std::vector<Stored>& records) {
  Model model;
  for (const Stored& record : records) {
    if (record.value.has_value()) {
      model[*record.key] = *record.value;
    } else {
      model.erase(*record.key);
    }
  }
  return model;
}

LocalLogOptions Options(const Clock* clock) {
  return {.sync = false,
          .tail_cache_bytes = 0,
          .write_buffer_bytes = 64 << 10,
          .maintenance_interval = Duration(0),
          .delete_retention = Duration(1000),
          .min_dirty_ratio = 0.0,
          .min_compaction_bytes = 1,
          .clock = clock};
}

class Compaction : public testing::Test {
 protected:
  Compaction() {
    Reopen();
    MustBeOk(log_->CreateTopic("t", {.cleanup = Cleanup::kCompact}));
  }

  void Reopen() {
    log_.reset();
    log_ = Must(LocalLog::Open(directory_.File("log"), Options(&clock_)));
  }
  void Set(const std::string& key, std::optional<std::string_view> value) {
    auto producer = Must(log_->NewProducer({}));
    MustBeOk(Put(producer.get(), At("t"), {.key = key, .value = value}));
    MustBeOk(producer->Commit({}).status());
  }
  std::vector<Stored> Read(int64_t start = 0) {
    return Must(ReadAll(log_.get(), At("t"), Offset(start)));
  }
  std::vector<int64_t> Offsets() {
    std::vector<int64_t> offsets;
    for (const Stored& record : Read()) offsets.push_back(record.offset.value());
    return offsets;
  }

  ManualClock clock_;
  log_testing::ScratchDirectory directory_;
  std::unique_ptr<LocalLog> log_;
};

TEST_F(Compaction, KeepsTheNewestRecordOfEachKeyAtItsOffset) {
  for (const char* key : {"a", "b", "a", "c", "b", "a"}) Set(key, key);
  MustBeOk(log_->RunMaintenance());
  // The newest batch, offset 5, is left out: its key does not replace anything yet.
  EXPECT_THAT(Offsets(), ElementsAre(2, 3, 4, 5));
  Set("z", "z");
  MustBeOk(log_->RunMaintenance());
  EXPECT_THAT(Offsets(), ElementsAre(3, 4, 5, 6));
  EXPECT_EQ(Read(4).front().offset, Offset(4));
  EXPECT_EQ(Read(0).front().offset, Offset(3)) << "an offset in a gap leads to the next record";
}

TEST_F(Compaction, ShrinksThePartitionAndRemembersItsBytes) {
  for (int i = 0; i < 50; ++i) Set("k", std::string(1000, 'x'));
  const int64_t before = Must(log_->DescribeTopic("t")).partitions[0].bytes;
  MustBeOk(log_->RunMaintenance());
  const int64_t after = Must(log_->DescribeTopic("t")).partitions[0].bytes;
  EXPECT_LT(after, before / 20);
  Reopen();
  EXPECT_EQ(Must(log_->DescribeTopic("t")).partitions[0].bytes, after);
  EXPECT_EQ(Must(log_->DescribeTopic("t")).partitions[0].end, Offset(50));
}

TEST_F(Compaction, KeepsATombstoneForTheTimeThatReadersHave) {
  Set("a", "1");
  Set("a", std::nullopt);
  Set("z", "z");
  MustBeOk(log_->RunMaintenance());
  EXPECT_THAT(Offsets(), ElementsAre(1, 2));
  clock_.Advance(Duration(999));
  Set("y", "y");
  MustBeOk(log_->RunMaintenance());
  EXPECT_THAT(Offsets(), ElementsAre(1, 2, 3)) << "a reader may still hold a = 1";
  Reopen();
  clock_.Advance(Duration(1));
  Set("x", "x");
  MustBeOk(log_->RunMaintenance());
  EXPECT_THAT(Offsets(), ElementsAre(2, 3, 4));
}

TEST_F(Compaction, LeavesRecordsWithoutAKeyAlone) {
  auto producer = Must(log_->NewProducer({}));
  for (int i = 0; i < 3; ++i) MustBeOk(Put(producer.get(), At("t"), {.value = "v"}));
  MustBeOk(producer->Commit({}).status());
  Set("z", "z");
  MustBeOk(log_->RunMaintenance());
  EXPECT_THAT(Offsets(), ElementsAre(0, 1, 2, 3));
}

TEST_F(Compaction, GoesTogetherWithRetentionByTime) {
  MustBeOk(log_->CreateTopic("both",
                             {.cleanup = Cleanup::kCompactAndDelete, .retention = Duration(100)}));
  auto producer = Must(log_->NewProducer({}));
  for (int64_t millis : {0, 10, 20, 500}) {
    MustBeOk(Put(producer.get(), At("both"),
                 {.key = "k", .value = "v", .timestamp = TimestampFromMillis(millis)}));
    MustBeOk(producer->Commit({}).status());
  }
  clock_.Advance(Duration(110));
  MustBeOk(log_->RunMaintenance());
  EXPECT_EQ(Must(log_->DescribeTopic("both")).partitions[0].begin, Offset(1));
  clock_.Advance(Duration(300));
  MustBeOk(log_->RunMaintenance());
  const Offset begin = Must(log_->DescribeTopic("both")).partitions[0].begin;
  EXPECT_EQ(begin, Offset(3));
  EXPECT_EQ(Must(ReadAll(log_.get(), At("both"), begin)).size(), 1u);
}

class CompactionOfRandomWork : public Compaction, public testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(Seeds, CompactionOfRandomWork, testing::Range(0, 12));

TEST_P(CompactionOfRandomWork, NeverChangesWhatAReaderLearns) {
  std::mt19937_64 random(static_cast<uint64_t>(GetParam()));
  SCOPED_TRACE(testing::Message() << "seed " << GetParam());
  const auto upto = [&](uint64_t n) { return random() % n; };
  Model model;
  std::map<int64_t, Stored> produced;
  int64_t end = 0;
  for (int round = 0; round < 60; ++round) {
    auto producer = Must(log_->NewProducer({}));
    const uint64_t records = 1 + upto(40);
    for (uint64_t i = 0; i < records; ++i) {
      const std::string key = "key" + std::to_string(upto(1 + upto(60)));
      std::optional<std::string> value = std::string(upto(300), 'v') + std::to_string(end);
      if (upto(5) == 0) value.reset();
      MustBeOk(Put(producer.get(), At("t"), {.key = key, .value = value}));
      produced[end] = {Offset(end), key, value, kNoTimestamp, ""};
      ++end;
      value.has_value() ? void(model[key] = *value) : void(model.erase(key));
    }
    MustBeOk(producer->Commit({}).status());
    clock_.Advance(Duration(upto(400)));
    if (upto(3) == 0) MustBeOk(log_->RunMaintenance());
    if (upto(10) == 0) Reopen();
    const std::vector<Stored> records_now = Read();
    ASSERT_EQ(Fold(records_now), model);
    for (const Stored& record : records_now) {
      ASSERT_EQ(record, produced.at(record.offset.value())) << record.offset.value();
    }
  }
  MustBeOk(log_->RunMaintenance());
  EXPECT_LT(Read().size(), produced.size());
}

// Dies of a signal in the middle, as if it were killed.
TEST(LogChild, DISABLED_CompactsUntilItsTimeIsOver) {
  auto log = Must(LocalLog::Open(ChildArgument("directory"), Options(Clock::System())));
  itimerval timer = {};
  timer.it_value.tv_usec = std::stoi(ChildArgument("microseconds"));
  ::setitimer(ITIMER_PROF, &timer, nullptr);
  MustBeOk(log->RunMaintenance());
  ::_exit(0);
}

TEST_F(Compaction, SurvivesBeingKilledAtAnyMoment) {
  Model model;
  {
    auto producer = Must(log_->NewProducer({}));
    for (int i = 0; i < 4000; ++i) {
      const std::string key = "key" + std::to_string(i % 100);
      const std::string value = std::to_string(i) + std::string(200, 'x');
      MustBeOk(Put(producer.get(), At("t"), {.key = key, .value = value}));
      model[key] = value;
      if (i % 10 == 9) MustBeOk(producer->Commit({}).status());
    }
    Set("last", "1");
    model["last"] = "1";
  }
  log_.reset();
  const std::string pristine = directory_.File("pristine");
  std::filesystem::copy(directory_.File("log"), pristine, std::filesystem::copy_options::recursive);
  for (int delay_us = 1; delay_us < 40'000; delay_us += 2500) {
    std::filesystem::remove_all(directory_.File("log"));
    std::filesystem::copy(pristine, directory_.File("log"),
                          std::filesystem::copy_options::recursive);
    ChildProcess child(
        "LogChild.DISABLED_CompactsUntilItsTimeIsOver",
        {{"directory", directory_.File("log")}, {"microseconds", std::to_string(delay_us)}});
    child.Wait();
    Reopen();
    ASSERT_EQ(Fold(Read()), model) << "killed after " << delay_us << " us";
    MustBeOk(log_->RunMaintenance());
    ASSERT_EQ(Fold(Read()), model);
    ASSERT_LE(Read().size(), 101u);
    log_.reset();
  }
}

TEST_F(Compaction, RunsBesideReadersAndProducers) {
  std::atomic<bool> done = false;
  std::thread maintenance([&] {
    while (!done) MustBeOk(log_->RunMaintenance());
  });
  std::thread reads([&] {
    while (!done) MustBeOk(ReadAll(log_.get(), At("t"), Offset(0)).status());
  });
  for (int i = 0; i < 500; ++i) Set("key" + std::to_string(i % 7), std::string(500, 'x'));
  done = true;
  maintenance.join();
  reads.join();
  EXPECT_EQ(Fold(Read()).size(), 7u);
}

}  // namespace
}  // namespace millrace
