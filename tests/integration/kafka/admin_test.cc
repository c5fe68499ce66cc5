// Topics and groups on a real broker, and what is said when something cannot be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/kafka/kafka_testing.h"

namespace millrace::kafka_testing {
namespace {

using log_testing::Append;
using log_testing::At;
using log_testing::Must;
using log_testing::MustBeOk;
using log_testing::Put;
using testing::ElementsAre;
using testing::HasSubstr;

class KafkaAdmin : public KafkaTest {
 protected:
  Offset Begin(const std::string& topic) {
    return Must(log_->DescribeTopic(topic)).partitions[0].begin;
  }
  // A transaction of a record and a position, so that there is always a next one to look at.
  void CommitPosition(LogProducer* producer, const std::string& topic, int64_t next) {
    MustBeOk(Put(producer, At("other"), {.value = "v"}));
    MustBeOk(
        producer->Commit({.group = "app", .consumed = {{At(topic), {Offset(next), ""}}}}).status());
  }
};

TEST_F(KafkaAdmin, ConfigurationsComeBackAsTheyWereGiven) {
  int i = 0;
  for (const Cleanup cleanup : {Cleanup::kDelete, Cleanup::kCompact, Cleanup::kCompactAndDelete}) {
    for (const std::optional<int64_t> limit :
         {std::optional<int64_t>(), std::optional<int64_t>(3)}) {
      TopicConfig config{.partitions = 2, .cleanup = cleanup, .retention_bytes = limit};
      if (limit.has_value()) config.retention = Duration(60'000);
      const std::string topic = "t" + std::to_string(i++);
      MustBeOk(log_->CreateTopic(topic, config));
      EXPECT_EQ(Must(log_->DescribeTopic(topic)).config, config);
    }
  }
}

TEST_F(KafkaAdmin, WhatTheBrokersCannotMakeIsRefused) {
  const absl::Status name = log_->CreateTopic("no/name", {});
  EXPECT_TRUE(absl::IsInvalidArgument(name)) << name;
  EXPECT_THAT(std::string(name.message()), HasSubstr("no/name"));
  const std::unique_ptr<Log> three = Open({.replication_factor = 3});
  const absl::Status replicas = three->CreateTopic("t", {});
  EXPECT_TRUE(absl::IsInvalidArgument(replicas)) << replicas;
  EXPECT_THAT(std::string(replicas.message()), HasSubstr("eplication factor"));
}

TEST_F(KafkaAdmin, ATopicOfThisMomentCanBeUsedByEverybody) {
  const std::unique_ptr<Log> other = Open({});
  for (int i = 0; i < 10; ++i) {
    const std::string topic = "t" + std::to_string(i);
    MustBeOk(log_->CreateTopic(topic, {.partitions = 3}));
    MustBeOk(Append(other.get(), At(topic, 2), {"v"}));
    EXPECT_EQ(Must(other->DescribeTopic(topic)).partitions[2].end, Offset(2));
  }
}

TEST_F(KafkaAdmin, PositionsOfAGroupAreSetAndOnlyOnTopicsThatAreThere) {
  MustBeOk(log_->CreateTopic("t", {.partitions = 2}));
  const GroupOffsets offsets = {{At("t", 0), {Offset(5), ""}},
                                {At("t", 1), {Offset(7), "\xff\0m"}}};
  MustBeOk(log_->ResetOffsets("g", offsets));
  EXPECT_EQ(Must(log_->CommittedOffsets("g")), offsets);
  EXPECT_THAT(Must(log_->ListGroups()), ElementsAre("g"));
  EXPECT_TRUE(absl::IsNotFound(log_->ResetOffsets("g", {{At("u"), {Offset(1), ""}}})));
  EXPECT_EQ(Must(log_->CommittedOffsets("g")), offsets);
}

TEST_F(KafkaAdmin, WhatAGroupHasConsumedOfARepartitionTopicIsDeleted) {
  MustBeOk(log_->CreateTopic("other", {}));
  for (const char* topic :
       {"app-step-repartition", "app-step-changelog", "app2-step-repartition"}) {
    MustBeOk(log_->CreateTopic(topic, {}));
    MustBeOk(Append(log_.get(), At(topic), {"0", "1", "2", "3"}));
  }
  const std::unique_ptr<Log> purging = Open({.purge_interval = Duration(1)});
  auto producer = Must(purging->NewProducer({}));
  for (int i = 0; i < 200 && Begin("app-step-repartition") < Offset(3); ++i) {
    for (const char* topic :
         {"app-step-repartition", "app-step-changelog", "app2-step-repartition"}) {
      CommitPosition(producer.get(), topic, 3);
    }
  }
  EXPECT_EQ(Begin("app-step-repartition"), Offset(3));
  EXPECT_EQ(Begin("app-step-changelog"), Offset(0)) << "it is what state comes back from";
  EXPECT_EQ(Begin("app2-step-repartition"), Offset(0)) << "another application's";
}

TEST_F(KafkaAdmin, PurgingCanBeSwitchedOff) {
  MustBeOk(log_->CreateTopic("other", {}));
  MustBeOk(log_->CreateTopic("app-a-repartition", {}));
  MustBeOk(log_->CreateTopic("app-b-repartition", {}));
  for (const char* topic : {"app-a-repartition", "app-b-repartition"}) {
    MustBeOk(Append(log_.get(), At(topic), {"0", "1"}));
  }
  const std::unique_ptr<Log> without = Open({.purge_interval = Duration(0)});
  auto off = Must(without->NewProducer({}));
  CommitPosition(off.get(), "app-a-repartition", 2);
  CommitPosition(off.get(), "app-a-repartition", 2);
  // Until the one that is switched on has done it.
  const std::unique_ptr<Log> with = Open({.purge_interval = Duration(1)});
  auto on = Must(with->NewProducer({}));
  for (int i = 0; i < 200 && Begin("app-b-repartition") < Offset(2); ++i) {
    CommitPosition(on.get(), "app-b-repartition", 2);
  }
  EXPECT_EQ(Begin("app-a-repartition"), Offset(0));
}

}  // namespace
}  // namespace millrace::kafka_testing
