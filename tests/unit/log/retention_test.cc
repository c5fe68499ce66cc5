// What maintenance deletes: by time, by size, and what every group has read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "millrace/local_log.h"
#include "unit/log/log_testing.h"

namespace millrace {
namespace {

using log_testing::Append;
using log_testing::At;
using log_testing::Must;
using log_testing::MustBeOk;
using log_testing::Put;
using log_testing::ReadAll;
using log_testing::Values;
using testing::ElementsAre;
using testing::IsEmpty;

class Retention : public testing::Test {
 protected:
  Retention() { Reopen(); }

  void Reopen() {
    log_.reset();
    log_ = Must(LocalLog::Open(directory_.File("log"),
                               {.maintenance_interval = Duration(0), .clock = &clock_}));
  }
  // One transaction, and so one batch, per record.
  void AppendAt(int64_t millis, const std::string& value) {
    auto producer = Must(log_->NewProducer({}));
    const Timestamp time = millis == -1 ? kNoTimestamp : TimestampFromMillis(millis);
    MustBeOk(Put(producer.get(), At("t"), {.value = value, .timestamp = time}));
    MustBeOk(producer->Commit({}).status());
  }
  PartitionDescription Describe() { return Must(log_->DescribeTopic("t")).partitions[0]; }
  std::vector<std::string> Read() {
    return Values(Must(ReadAll(log_.get(), At("t"), Describe().begin)));
  }

  ManualClock clock_{TimestampFromMillis(1'000'000)};
  log_testing::ScratchDirectory directory_;
  std::unique_ptr<LocalLog> log_;
};

TEST_F(Retention, DeletesBatchesWhoseNewestRecordIsTooOld) {
  MustBeOk(log_->CreateTopic("t", {.retention = Duration(1000)}));
  AppendAt(999'000, "old");
  AppendAt(999'500, "young");
  AppendAt(998'000, "late");
  MustBeOk(log_->RunMaintenance());
  EXPECT_THAT(Read(), ElementsAre("old", "young", "late"));
  clock_.Advance(Duration(1));
  MustBeOk(log_->RunMaintenance());
  EXPECT_THAT(Read(), ElementsAre("young", "late")) << "deletes from the front only";
  clock_.Advance(Duration(1000));
  MustBeOk(log_->RunMaintenance());
  EXPECT_THAT(Read(), IsEmpty());
  AppendAt(1'000'900, "next");
  EXPECT_EQ(Describe().begin, Offset(3));
  Reopen();
  EXPECT_THAT(Read(), ElementsAre("next"));
}

TEST_F(Retention, AgesCompactedTopicsByTheirNewestRecordAndNotByTheClock) {
  MustBeOk(
      log_->CreateTopic("t", {.cleanup = Cleanup::kCompactAndDelete, .retention = Duration(1000)}));
  AppendAt(100, "from long ago");
  AppendAt(1100, "newest");
  MustBeOk(log_->RunMaintenance());
  EXPECT_THAT(Read(), ElementsAre("from long ago", "newest"));
  AppendAt(1101, "moves time on");
  MustBeOk(log_->RunMaintenance());
  EXPECT_THAT(Read(), ElementsAre("newest", "moves time on"));
}

TEST_F(Retention, NeverAgesRecordsWithoutATime) {
  MustBeOk(log_->CreateTopic("t", {.retention = Duration(1)}));
  AppendAt(-1, "timeless");
  MustBeOk(log_->RunMaintenance());
  EXPECT_THAT(Read(), ElementsAre("timeless"));
}

TEST_F(Retention, KeepsAtLeastTheBytesThatItMay) {
  MustBeOk(log_->CreateTopic("t", {.retention_bytes = 5000}));
  for (int i = 0; i < 20; ++i) AppendAt(0, std::to_string(i) + std::string(1000, 'x'));
  MustBeOk(log_->RunMaintenance());
  EXPECT_GE(Describe().bytes, 5000);
  EXPECT_LT(Describe().bytes, 5000 + 1100);
  EXPECT_EQ(Read().back(), "19" + std::string(1000, 'x'));
  const int64_t bytes = Describe().bytes;
  Reopen();
  EXPECT_EQ(Describe().bytes, bytes);
}

TEST_F(Retention, WithoutLimitsKeepsEverything) {
  MustBeOk(log_->CreateTopic("t", {}));
  AppendAt(0, "for ever");
  clock_.Advance(std::chrono::hours(100'000));
  MustBeOk(log_->RunMaintenance());
  EXPECT_THAT(Read(), ElementsAre("for ever"));
}

TEST_F(Retention, PurgesWhatEveryCommittedGroupHasPassed) {
  MustBeOk(log_->CreateTopic("t", {.purge_consumed = true}));
  for (const char* value : {"0", "1", "2", "3"}) AppendAt(0, value);
  MustBeOk(log_->RunMaintenance());
  EXPECT_EQ(Read().size(), 4u) << "nobody has read anything";
  MustBeOk(log_->ResetOffsets("slow", {{At("t"), {Offset(1), ""}}}));
  MustBeOk(log_->ResetOffsets("fast", {{At("t"), {Offset(4), ""}}}));
  MustBeOk(log_->RunMaintenance());
  EXPECT_THAT(Read(), ElementsAre("1", "2", "3"));
  MustBeOk(log_->ResetOffsets("slow", {{At("t"), {Offset(4), ""}}}));
  MustBeOk(log_->RunMaintenance());
  EXPECT_THAT(Read(), IsEmpty());
  EXPECT_EQ(Describe().end, Offset(4));
}

TEST_F(Retention, LetsReadersOfTheRestGoOn) {
  MustBeOk(log_->CreateTopic("t", {.purge_consumed = true}));
  for (const char* value : {"0", "1", "2"}) AppendAt(0, value);
  auto reader = Must(log_->NewReader());
  MustBeOk(reader->Assign(At("t"), Offset(1)));
  EXPECT_EQ(Must(reader->Fetch(At("t"), 0)).records.at(0).value, "1");
  MustBeOk(log_->ResetOffsets("g", {{At("t"), {Offset(2), ""}}}));
  MustBeOk(log_->RunMaintenance());
  EXPECT_EQ(Must(reader->Fetch(At("t"), 0)).records.at(0).value, "2");
}

TEST_F(Retention, GivesSpaceBackToTheFileSystem) {
  MustBeOk(log_->CreateTopic("t", {.retention_bytes = 1}));
  log_.reset();
  log_ = Must(LocalLog::Open(
      directory_.File("log"),
      {.sync = false, .write_buffer_bytes = 1 << 20, .maintenance_interval = Duration(0)}));
  const auto size = [&] {
    uintmax_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.File("log") + "/db")) {
      std::error_code vanished;
      if (entry.path().extension() != ".sst") continue;
      const uintmax_t file = entry.file_size(vanished);
      if (!vanished) bytes += file;
    }
    return bytes;
  };
  uintmax_t largest = 0;
  for (int i = 0; i < 300; ++i) {
    MustBeOk(Append(log_.get(), At("t"), {std::string(200'000, 'x')}));
    if (i % 10 == 9) MustBeOk(log_->RunMaintenance());
    largest = std::max(largest, size());
  }
  EXPECT_LT(largest, 30'000'000u) << "of 60 MB that were written";
}

TEST_F(Retention, RunsBesideProducersReadersAndTrims) {
  MustBeOk(log_->CreateTopic("t", {.retention_bytes = 2000}));
  std::atomic<bool> done = false;
  std::thread maintenance([&] {
    while (!done) MustBeOk(log_->RunMaintenance());
  });
  std::thread trims([&] {
    while (!done) MustBeOk(log_->DeleteRecordsBefore(At("t"), Describe().begin.Next()));
  });
  std::thread reads([&] {
    while (!done) {
      const auto records = ReadAll(log_.get(), At("t"), Describe().begin);
      if (!records.ok()) {
        EXPECT_TRUE(absl::IsOutOfRange(records.status())) << records.status();
      }
      MustBeOk(log_->OffsetForTime(At("t"), TimestampFromMillis(5)).status());
    }
  });
  for (int i = 0; i < 100; ++i) AppendAt(i, std::string(100, 'x'));
  done = true;
  for (std::thread* thread : {&maintenance, &trims, &reads}) thread->join();
}

}  // namespace
}  // namespace millrace
