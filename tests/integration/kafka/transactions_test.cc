// Transactions on a real broker: what readers see of them, who may commit, and what is reported.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <mutex>

#include "integration/kafka/kafka_testing.h"

namespace millrace::kafka_testing {
namespace {

using log_testing::Append;
using log_testing::At;
using log_testing::FetchSome;
using log_testing::Must;
using log_testing::MustBeOk;
using log_testing::Put;
using log_testing::ReadToEnd;
using log_testing::Stored;
using log_testing::Values;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class KafkaTransactions : public KafkaTest {
 protected:
  std::vector<std::string> ReadAllOf(const std::string& topic) {
    return Values(Must(ReadToEnd(sees_all_.get(), At(topic), Offset(0))));
  }
};

TEST_F(KafkaTransactions, AnOpenOneHidesWhatComesBehindIt) {
  MustBeOk(log_->CreateTopic("t", {}));
  MustBeOk(Append(log_.get(), At("t"), {"before"}));
  AwaitWritten(At("t"), 2);  // its marker comes behind the answer to the commit
  auto open = Must(log_->NewProducer({}));
  MustBeOk(Put(open.get(), At("t"), {.value = "open"}));
  AwaitWritten(At("t"), 3);
  MustBeOk(Append(log_.get(), At("t"), {"behind"}));
  EXPECT_THAT(Read("t"), ElementsAre("before"));
  EXPECT_EQ(Must(log_->DescribeTopic("t")).partitions[0].end, Offset(2));
  EXPECT_THAT(ReadAllOf("t"), ElementsAre("before", "open", "behind"));
  MustBeOk(open->Commit({}).status());
  EXPECT_THAT(Read("t"), ElementsAre("before", "open", "behind"));
}

TEST_F(KafkaTransactions, WhatIsAbortedIsThereForThoseOnlyWhoAskForIt) {
  MustBeOk(log_->CreateTopic("t", {}));
  auto producer = Must(log_->NewProducer({}));
  MustBeOk(Put(producer.get(), At("t"), {.value = "dropped"}));
  AwaitWritten(At("t"), 1);
  MustBeOk(producer->Abort());
  MustBeOk(Append(log_.get(), At("t"), {"kept"}));
  EXPECT_THAT(Read("t"), ElementsAre("kept"));
  EXPECT_THAT(ReadAllOf("t"), ElementsAre("dropped", "kept"));
}

TEST_F(KafkaTransactions, WhatAFencedProducerHadOpenNeverBecomesVisible) {
  MustBeOk(log_->CreateTopic("t", {}));
  auto older = Must(log_->NewProducer({.transactional_id = "w"}));
  MustBeOk(Put(older.get(), At("t"), {.value = "old"}));
  AwaitWritten(At("t"), 1);
  auto newer = Must(log_->NewProducer({.transactional_id = "w"}));
  EXPECT_THAT(Read("t"), IsEmpty()) << "the new producer has ended it";
  EXPECT_EQ(Must(log_->DescribeTopic("t")).partitions[0].end, Offset(2));
  const absl::Status commit = older->Commit({}).status();
  EXPECT_TRUE(absl::IsAborted(commit)) << commit;
  EXPECT_EQ(older->Commit({}).status(), commit) << "it stays so";
  EXPECT_EQ(Put(older.get(), At("t"), {.value = "old"}), commit);
  MustBeOk(older->Abort());
  MustBeOk(Put(newer.get(), At("t"), {.value = "new"}));
  MustBeOk(newer->Commit({}).status());
  EXPECT_THAT(Read("t"), ElementsAre("new"));
}

TEST_F(KafkaTransactions, OneThatIsOpenForTooLongIsOverAndItsProducerNotFenced) {
  MustBeOk(log_->CreateTopic("t", {}));
  const std::unique_ptr<Log> hasty = Open({.transaction_timeout = Duration(1000)});
  auto producer = Must(hasty->NewProducer({.transactional_id = "w"}));
  MustBeOk(Put(producer.get(), At("t"), {.value = "late"}));
  AwaitWritten(At("t"), 1);
  // Waits until the broker has ended it.
  EXPECT_EQ(Must(log_->DescribeSettled(At("t"))).end, Offset(2));
  const absl::Status late = producer->Commit({}).status();
  EXPECT_TRUE(absl::IsUnavailable(late)) << late;
  EXPECT_THAT(std::string(late.message()), HasSubstr("1000 ms"));
  producer = Must(hasty->NewProducer({.transactional_id = "w"}));
  MustBeOk(Put(producer.get(), At("t"), {.value = "again"}));
  MustBeOk(producer->Commit({}).status());
  EXPECT_THAT(Read("t"), ElementsAre("again"));
}

TEST_F(KafkaTransactions, ASuccessorWaitsForThoseThatAreOpen) {
  MustBeOk(log_->CreateTopic("t", {}));
  const std::unique_ptr<Log> impatient = Open({.transaction_timeout = Duration(1000)});
  auto producer = Must(log_->NewProducer({}));
  MustBeOk(Put(producer.get(), At("t"), {.value = "open"}));
  AwaitWritten(At("t"), 1);
  const absl::Status open = impatient->DescribeSettled(At("t")).status();
  EXPECT_TRUE(absl::IsUnavailable(open)) << open;
  EXPECT_THAT(std::string(open.message()), HasSubstr("t-0"));
  MustBeOk(producer->Commit({}).status());
  EXPECT_EQ(Must(log_->DescribeSettled(At("t"))).end, Offset(2));
}

TEST_F(KafkaTransactions, ProducedRangesAreTheOffsetsOfTheRecords) {
  MustBeOk(log_->CreateTopic("t", {.partitions = 3}));
  auto one = Must(log_->NewProducer({}));
  auto other = Must(log_->NewProducer({}));
  for (int round = 0; round < 3; ++round) {
    std::vector<int> written(3);
    for (int i = 0; i < 50; ++i) {
      const int partition = i * i % 3;
      ++written[static_cast<size_t>(partition)];
      MustBeOk(Put(one.get(), At("t", partition), {.value = "one " + std::to_string(round)}));
    }
    MustBeOk(Put(other.get(), At("t", round), {.value = "other"}));
    MustBeOk(other->Commit({}).status());
    for (const ProducedRange& range : Must(one->Commit({}))) {
      const int partition = range.partition.partition.value();
      int found = 0;
      for (const Stored& record : Must(ReadToEnd(log_.get(), At("t", partition), Offset(0)))) {
        if (record.value != "one " + std::to_string(round)) continue;
        found += record.offset >= range.first && record.offset < range.end ? 1 : 0;
        if (record.offset == range.first) written[static_cast<size_t>(partition)] -= found;
        if (record.offset.Next() == range.end) {
          written[static_cast<size_t>(partition)] -= found - 1;
        }
      }
    }
    EXPECT_THAT(written, ElementsAre(0, 0, 0)) << "first and last are the first and last";
  }
}

// What CommitRequest::member holds, as connectors/kafka/src/group_identity.h draws it.
std::string Identity(const std::string& group, int32_t generation, const std::string& member) {
  std::string bytes = "CGMDv2:";
  bytes.append(reinterpret_cast<const char*>(&generation), sizeof(generation));
  bytes.append(group).push_back('\0');
  bytes.append(member).push_back('\0');
  bytes.push_back('\1');
  return bytes;
}

TEST_F(KafkaTransactions, TheGroupRefusesACommitterThatItDoesNotKnow) {
  MustBeOk(log_->CreateTopic("t", {}));
  auto producer = Must(log_->NewProducer({}));
  MustBeOk(Put(producer.get(), At("t"), {.value = "stranger"}));
  const absl::Status refused = producer
                                   ->Commit({.group = "g",
                                             .consumed = {{At("t"), {Offset(1), ""}}},
                                             .member = Identity(prefix_ + "g", 5, "stranger")})
                                   .status();
  EXPECT_TRUE(absl::IsUnavailable(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("nothing was committed"));
  EXPECT_EQ(producer->PendingBytes(), 0u);
  MustBeOk(Put(producer.get(), At("t"), {.value = "next"}));
  MustBeOk(producer->Commit({}).status());
  EXPECT_THAT(Read("t"), ElementsAre("next"));
  EXPECT_THAT(Must(log_->CommittedOffsets("g")), IsEmpty());
}

TEST_F(KafkaTransactions, SomebodyWhoIsNoMemberCommitsNothing) {
  MustBeOk(log_->CreateTopic("t", {}));
  auto producer = Must(log_->NewProducer({}));
  const auto commit_as = [&](const std::string& member) {
    MustBeOk(Put(producer.get(), At("t"), {.value = "lost"}));
    return producer
        ->Commit({.group = "g", .consumed = {{At("t"), {Offset(1), ""}}}, .member = member})
        .status();
  };
  // The broker itself would let this one through.
  EXPECT_TRUE(absl::IsUnavailable(commit_as(Identity(prefix_ + "g", -1, ""))));
  EXPECT_TRUE(absl::IsUnavailable(commit_as(Identity(prefix_ + "g", 3, ""))));
  EXPECT_TRUE(absl::IsInvalidArgument(commit_as(Identity("other", 3, "m"))));
  EXPECT_TRUE(absl::IsInvalidArgument(commit_as("no identity")));
  EXPECT_THAT(Read("t"), IsEmpty());
  EXPECT_THAT(Must(log_->CommittedOffsets("g")), IsEmpty());
}

TEST_F(KafkaTransactions, OneIsLargerThanTheQueueOfItsProducer) {
  MustBeOk(log_->CreateTopic("t", {}));
  const std::unique_ptr<Log> small = Open({.produce_bytes = 1 << 20});
  auto producer = Must(small->NewProducer({}));
  const TopicHandle topic = Must(producer->OpenTopic("t"));
  const std::string value(10'000, 'v');
  for (int i = 0; i < 2000; ++i) {
    MustBeOk(producer->Produce(topic, PartitionId(0), {.value = value}));
  }
  EXPECT_GE(producer->PendingBytes(), 20'000'000u);
  const auto ranges = Must(producer->Commit({}));
  ASSERT_EQ(ranges.size(), 1u);
  EXPECT_EQ(ranges[0].end - ranges[0].first, 2000);
  EXPECT_EQ(Read("t").size(), 2000u);
}

TEST_F(KafkaTransactions, ARecordThatTheBrokerDoesNotTakeEndsItsTransaction) {
  MustBeOk(log_->CreateTopic("t", {}));
  auto producer = Must(log_->NewProducer({}));
  MustBeOk(Put(producer.get(), At("t"), {.value = "with it"}));
  const std::string value(2'000'000, 'v');
  const absl::Status too_large = Put(producer.get(), At("t"), {.value = value});
  EXPECT_TRUE(absl::IsInvalidArgument(too_large)) << too_large;
  EXPECT_THAT(std::string(too_large.message()), HasSubstr("t'"));
  MustBeOk(Put(producer.get(), At("t"), {.value = "next"}));
  MustBeOk(producer->Commit({}).status());
  EXPECT_THAT(Read("t"), ElementsAre("next"));
}

TEST_F(KafkaTransactions, PositionsWithoutRecordsAreATransactionAndNothingIsNone) {
  MustBeOk(log_->CreateTopic("t", {}));
  auto producer = Must(log_->NewProducer({}));
  EXPECT_THAT(Must(producer->Commit({})), IsEmpty());
  EXPECT_THAT(Must(producer->Commit({.group = "g"})), IsEmpty());
  EXPECT_THAT(Must(producer->Commit({.group = "g", .consumed = {{At("t"), {Offset(4), "m"}}}})),
              IsEmpty());
  EXPECT_EQ(Must(log_->CommittedOffsets("g")), (GroupOffsets{{At("t"), {Offset(4), "m"}}}));
  EXPECT_EQ(Must(log_->DescribeTopic("t")).partitions[0].end, Offset(0));
}

TEST_F(KafkaTransactions, PositionsThatAreAboutToChangeAreWaitedFor) {
  MustBeOk(log_->CreateTopic("t", {}));
  auto producer = Must(log_->NewProducer({}));
  for (int64_t next = 1; next <= 20; ++next) {
    MustBeOk(Put(producer.get(), At("t"), {.value = "v"}));
    MustBeOk(
        producer->Commit({.group = "g", .consumed = {{At("t"), {Offset(next), ""}}}}).status());
    EXPECT_EQ(Must(log_->CommittedOffsets("g")).at(At("t")).next, Offset(next));
    EXPECT_EQ(Read("t").size(), static_cast<size_t>(next));
  }
}

}  // namespace
}  // namespace millrace::kafka_testing
