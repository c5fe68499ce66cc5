// What a LocalLog is after it was closed, killed, or opened by somebody else.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "millrace/local_log.h"
#include "millrace/log_url.h"
#include "unit/log/child_process.h"
#include "unit/log/log_testing.h"

namespace millrace {
namespace {

using log_testing::Append;
using log_testing::At;
using log_testing::ChildArgument;
using log_testing::ChildProcess;
using log_testing::Must;
using log_testing::MustBeOk;
using log_testing::Put;
using log_testing::ReadAll;
using log_testing::Report;
using log_testing::Values;
using testing::ElementsAre;
using testing::HasSubstr;

const LocalLogOptions kOptions = {.maintenance_interval = Duration(0)};

class ReopenedLog : public testing::Test {
 protected:
  std::unique_ptr<LocalLog> Open() { return Must(LocalLog::Open(path_, kOptions)); }

  log_testing::ScratchDirectory directory_;
  const std::string path_ = directory_.File("log");
};

TEST_F(ReopenedLog, HoldsTopicsRecordsAndGroupsAsBefore) {
  const TopicConfig config = {.partitions = 2,
                              .cleanup = Cleanup::kCompact,
                              .retention = Duration(5),
                              .retention_bytes = 1 << 20,
                              .purge_consumed = true};
  {
    auto log = Open();
    MustBeOk(log->CreateTopic("t", config));
    MustBeOk(log->CreateTopic("gone", {}));
    MustBeOk(Append(log.get(), At("t", 1), {"0", "1", "2"}));
    MustBeOk(Append(log.get(), At("t", 1), {"3"}));
    MustBeOk(log->DeleteRecordsBefore(At("t", 1), Offset(1)));
    MustBeOk(log->ResetOffsets("g", {{At("t", 1), {Offset(2), "m"}}}));
    MustBeOk(log->ResetOffsets("h", {{At("gone"), {Offset(2), "m"}}}));
    MustBeOk(log->DeleteTopic("gone"));
  }
  auto log = Open();
  const TopicDescription description = Must(log->DescribeTopic("t"));
  EXPECT_EQ(description.config, config);
  EXPECT_EQ(description.partitions[1].begin, Offset(1));
  EXPECT_EQ(description.partitions[1].end, Offset(4));
  EXPECT_THAT(Values(Must(ReadAll(log.get(), At("t", 1), Offset(1)))), ElementsAre("1", "2", "3"));
  EXPECT_EQ(Must(log->CommittedOffsets("g")), (GroupOffsets{{At("t", 1), {Offset(2), "m"}}}));
  EXPECT_THAT(Must(log->ListGroups()), ElementsAre("g"));
  EXPECT_THAT(Must(log->ListTopics()), ElementsAre("t"));
}

TEST_F(ReopenedLog, GoesOnAtTheOffsetWhereItEnded) {
  Offset end;
  for (int round = 0; round < 3; ++round) {
    auto log = Open();
    if (round == 0) MustBeOk(log->CreateTopic("t", {}));
    EXPECT_EQ(Must(log->DescribeTopic("t")).partitions[0].end, end);
    MustBeOk(Append(log.get(), At("t"), {"a", "b"}));
    end = end.Next(2);
    if (round == 1) MustBeOk(log->DeleteRecordsBefore(At("t"), end));
  }
  EXPECT_EQ(Must(ReadAll(Open().get(), At("t"), Offset(4))).size(), 2u);
}

TEST_F(ReopenedLog, NeverGivesATopicTheIdOfADeletedOne) {
  {
    auto log = Open();
    MustBeOk(log->CreateTopic("t", {}));
    MustBeOk(Append(log.get(), At("t"), {"old"}));
    MustBeOk(log->DeleteTopic("t"));
  }
  auto log = Open();
  MustBeOk(log->CreateTopic("u", {}));
  EXPECT_THAT(Must(ReadAll(log.get(), At("u"), Offset(0))), testing::IsEmpty());
}

TEST_F(ReopenedLog, BytesOfAPartitionAreThoseOfItsBatches) {
  int64_t before = 0;
  {
    auto log = Open();
    MustBeOk(log->CreateTopic("t", {}));
    for (int i = 0; i < 10; ++i) {
      MustBeOk(Append(log.get(), At("t"), {std::string(1000, 'x')}));
    }
    before = Must(log->DescribeTopic("t")).partitions[0].bytes;
    EXPECT_GT(before, 10'000);
    EXPECT_LT(before, 11'000);
    MustBeOk(log->DeleteRecordsBefore(At("t"), Offset(5)));
  }
  EXPECT_EQ(Must(Open()->DescribeTopic("t")).partitions[0].bytes, before / 2);
}

TEST_F(ReopenedLog, IsRefusedWhileAnotherProcessHoldsIt) {
  EXPECT_EQ(Must(LocalLogHolder(path_)), std::nullopt);
  ChildProcess child("LogChild.DISABLED_HoldsTheLog", {{"directory", path_}});
  int64_t opened = 0;
  ASSERT_TRUE(child.Next(&opened));
  EXPECT_EQ(Must(LocalLogHolder(path_)), child.pid());
  const absl::Status refused = LocalLog::Open(path_, kOptions).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr(std::to_string(child.pid())));
  child.Kill();
  EXPECT_EQ(Must(LocalLogHolder(path_)), std::nullopt);
  Open();
}

TEST(LogChild, DISABLED_HoldsTheLog) {
  auto log = Must(LocalLog::Open(ChildArgument("directory"), kOptions));
  Report(1);
  ::pause();
}

TEST_F(ReopenedLog, IsRefusedInADirectoryThatHoldsSomethingElse) {
  std::ofstream(directory_.File("letter.txt")) << "dear";
  const absl::Status refused = LocalLog::Open(directory_.path(), kOptions).status();
  EXPECT_TRUE(absl::IsInvalidArgument(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("letter.txt"));
}

TEST_F(ReopenedLog, IsRefusedWhenItsFormatIsNewer) {
  Open();
  std::ofstream(path_ + "/FORMAT") << "millrace local log, format 2\n";
  const absl::Status refused = LocalLog::Open(path_, kOptions).status();
  EXPECT_TRUE(absl::IsInvalidArgument(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("FORMAT"));
}

TEST_F(ReopenedLog, WithoutItsLastCommitsIsDataLossThatCountsThem) {
  {
    auto log = Open();
    MustBeOk(log->CreateTopic("t", {}));
    std::filesystem::copy(path_, directory_.File("older"),
                          std::filesystem::copy_options::recursive);
    for (int i = 0; i < 3; ++i) MustBeOk(Append(log.get(), At("t"), {"x"}));
  }
  std::filesystem::remove_all(path_ + "/db");
  std::filesystem::copy(directory_.File("older") + "/db", path_ + "/db",
                        std::filesystem::copy_options::recursive);
  const absl::Status lost = LocalLog::Open(path_, kOptions).status();
  EXPECT_TRUE(absl::IsDataLoss(lost)) << lost;
  EXPECT_THAT(std::string(lost.message()), HasSubstr("missing 3 of 4 acknowledged commits"));
}

TEST_F(ReopenedLog, UrlsNameTheKnownSchemesWhenTheyAreWrong) {
  EXPECT_TRUE(OpenLog("local:" + path_).ok());
  EXPECT_TRUE(OpenLog("memory:").ok());
  const absl::Status kafka = OpenLog("kafka://host:9092").status();
  EXPECT_TRUE(absl::IsInvalidArgument(kafka));
  EXPECT_THAT(std::string(kafka.message()), HasSubstr("local:DIRECTORY, memory:"));
  EXPECT_THAT(std::string(OpenLog(path_).status().message()), HasSubstr("local:" + path_));
  const absl::Status parent = OpenLog("local:" + path_ + "/no/where").status();
  EXPECT_TRUE(absl::IsNotFound(parent));
  EXPECT_THAT(std::string(parent.message()), HasSubstr(path_ + "/no'"));
}

// Commits numbered transactions to two partitions and reports each acknowledged one.
TEST(LogChild, DISABLED_CommitsForEver) {
  auto log = Must(LocalLog::Open(ChildArgument("directory"), {.write_buffer_bytes = 256 << 10}));
  auto producer = Must(log->NewProducer({.transactional_id = "w"}));
  for (int64_t number = Must(log->DescribeTopic("t")).partitions[0].end.value();; ++number) {
    const std::string value = std::to_string(number) + std::string(2000, 'x');
    MustBeOk(Put(producer.get(), At("t", 0), {.value = value}));
    MustBeOk(Put(producer.get(), At("t", 1), {.value = value}));
    MustBeOk(producer->Commit({.group = "g", .consumed = {{At("t"), {Offset(number + 1), ""}}}})
                 .status());
    Report(number);
  }
}

// The last number that the child reported before it was killed, after at least `enough` of them.
int64_t KillWhileCommitting(const std::string& path, int enough) {
  ChildProcess child("LogChild.DISABLED_CommitsForEver", {{"directory", path}});
  int64_t acknowledged = -1;
  for (int i = 0; i < enough; ++i) EXPECT_TRUE(child.Next(&acknowledged));
  child.Kill();
  while (child.Next(&acknowledged)) {
  }
  return acknowledged;
}

TEST_F(ReopenedLog, AfterKill9HasEveryAcknowledgedCommitAndOnlyWholeOnes) {
  MustBeOk(Open()->CreateTopic("t", {.partitions = 2}));
  for (int round = 0; round < 8; ++round) {
    const int64_t acknowledged = KillWhileCommitting(path_, 20 + 17 * round);
    auto log = Open();
    const auto first = Must(ReadAll(log.get(), At("t", 0), Offset(0)));
    const auto second = Must(ReadAll(log.get(), At("t", 1), Offset(0)));
    EXPECT_GE(first.size(), static_cast<size_t>(acknowledged + 1));
    EXPECT_LE(first.size(), static_cast<size_t>(acknowledged + 2)) << "one commit was in flight";
    EXPECT_EQ(first, second);
    EXPECT_EQ(Must(log->CommittedOffsets("g")).at(At("t")).next,
              Offset(static_cast<int64_t>(first.size())));
    for (size_t i = 0; i < first.size(); ++i) {
      ASSERT_EQ(first[i].value, std::to_string(i) + std::string(2000, 'x'));
    }
  }
}

}  // namespace
}  // namespace millrace
