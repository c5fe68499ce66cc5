// The contract of every Log on the two that live in the process, and what these promise beyond it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "millrace/local_log.h"
#include "millrace/memory_log.h"
#include "unit/log/contract_suite.h"

namespace millrace::log_testing {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

LogKind Local(const std::string& name, const LocalLogOptions& options) {
  return {.name = name, .open = [options](const std::string& directory) -> std::unique_ptr<Log> {
            return Must(LocalLog::Open(directory + "/log", options));
          }};
}

const LogKind kMemory = {.name = "Memory",
                         .open = [](const std::string&) { return NewMemoryLog(); }};
const LogKind kLocal = Local("Local", {.maintenance_interval = Duration(0)});
const LogKind kLocalWithoutTailCache =
    Local("LocalWithoutTailCache", {.tail_cache_bytes = 0, .maintenance_interval = Duration(0)});

INSTANTIATE_TEST_SUITE_P(All, LogContract, testing::Values(kMemory, kLocal, kLocalWithoutTailCache),
                         NameOfLogKind);

class EmbeddedLog : public LogContract {
 protected:
  // Without waiting.
  std::vector<Stored> ReadAtOnce(const TopicPartition& partition, int64_t start = 0) {
    return Must(ReadAll(log_.get(), partition, Offset(start)));
  }
};

INSTANTIATE_TEST_SUITE_P(All, EmbeddedLog, testing::Values(kMemory, kLocal, kLocalWithoutTailCache),
                         NameOfLogKind);

TEST_P(EmbeddedLog, WhatIsCommittedIsThereAtOnceAndWithoutGaps) {
  MustBeOk(log_->CreateTopic("t", {}));
  auto producer = Must(log_->NewProducer({}));
  MustBeOk(Put(producer.get(), At("t"), {.value = "dropped"}));
  MustBeOk(producer->Abort());
  EXPECT_THAT(ReadAtOnce(At("t")), IsEmpty());
  auto reader = Must(log_->NewReader());
  MustBeOk(reader->Assign(At("t"), Offset(0)));
  for (int i = 0; i < 3; ++i) {
    MustBeOk(Put(producer.get(), At("t"), {.value = "kept"}));
    MustBeOk(producer->Commit({}).status());
    const RecordBatch batch = Must(reader->Fetch(At("t"), 100));
    ASSERT_EQ(batch.records.size(), 1u);
    EXPECT_EQ(batch.records[0].offset, Offset(i));
    EXPECT_EQ(batch.next_offset, Offset(i + 1));
  }
  EXPECT_EQ(Bounds(At("t")).end, Offset(3));
  EXPECT_EQ(ReadAtOnce(At("t"), 1).size(), 2u);
}

TEST_P(EmbeddedLog, ATopicMadeAgainUnderAnOldNameIsEmpty) {
  MustBeOk(log_->CreateTopic("t", {}));
  MustBeOk(Append(log_.get(), At("t"), {"old"}));
  auto reader = Must(log_->NewReader());
  MustBeOk(reader->Assign(At("t"), Offset(0)));
  auto producer = Must(log_->NewProducer({}));
  MustBeOk(Put(producer.get(), At("t"), {.value = "late"}));
  MustBeOk(log_->DeleteTopic("t"));
  MustBeOk(log_->CreateTopic("t", {}));
  EXPECT_TRUE(absl::IsNotFound(reader->Fetch(At("t"), 100).status()));
  EXPECT_TRUE(absl::IsNotFound(producer->Commit({}).status()));
  EXPECT_THAT(ReadAtOnce(At("t")), IsEmpty());
}

TEST_P(EmbeddedLog, ARetentionMayBeChanged) {
  MustBeOk(log_->CreateTopic("t", {.partitions = 2, .retention = Duration(1000)}));
  MustBeOk(log_->SetRetention("t", Duration(2000)));
  EXPECT_EQ(Must(log_->DescribeTopic("t")).config.retention, Duration(2000));
  EXPECT_EQ(Must(log_->DescribeTopic("t")).config.partitions, 2);
  MustBeOk(log_->SetRetention("t", std::nullopt));
  EXPECT_EQ(Must(log_->DescribeTopic("t")).config.retention, std::nullopt);
  EXPECT_TRUE(absl::IsNotFound(log_->SetRetention("u", Duration(1))));
}

TEST_P(EmbeddedLog, ADeletedTopicTakesItsGroupsOffsetsAlongAtOnce) {
  MustBeOk(log_->CreateTopic("t", {}));
  MustBeOk(log_->ResetOffsets("g", {{At("t"), {Offset(1), ""}}}));
  MustBeOk(log_->DeleteTopic("t"));
  EXPECT_THAT(Must(log_->CommittedOffsets("g")), IsEmpty());
}

}  // namespace
}  // namespace millrace::log_testing
