// A group's positions while transactions that move some of them are open. The log's own producers
// are never seen between the two steps of a commit, so that this one is the client library's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>

#include "connectors/kafka/src/rd_types.h"
#include "integration/kafka/kafka_testing.h"

namespace millrace::kafka_testing {
namespace {

using log_testing::At;
using log_testing::Must;
using log_testing::MustBeOk;

// A transaction that has moved a position of a group, and goes no further.
class OpenMove {
 public:
  OpenMove(const std::string& group, const std::string& topic, int32_t partition, int64_t offset) {
    rd_kafka_conf_t* const conf = rd_kafka_conf_new();
    Set(conf, "bootstrap.servers", std::getenv("MILLRACE_KAFKA"));
    Set(conf, "transactional.id", group + "-mover");
    client_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, nullptr, 0));
    MustBeNull(rd_kafka_init_transactions(client_.get(), 10'000));
    MustBeNull(rd_kafka_begin_transaction(client_.get()));
    const kafka::RdPartitions moved(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(moved.get(), topic.c_str(), partition)->offset = offset;
    const kafka::RdGroupMetadata mover(rd_kafka_consumer_group_metadata_new(group.c_str()));
    MustBeNull(
        rd_kafka_send_offsets_to_transaction(client_.get(), moved.get(), mover.get(), 10'000));
  }
  void Commit() { MustBeNull(rd_kafka_commit_transaction(client_.get(), 10'000)); }

 private:
  static void Set(rd_kafka_conf_t* conf, const char* name, const std::string& value) {
    ASSERT_EQ(rd_kafka_conf_set(conf, name, value.c_str(), nullptr, 0), RD_KAFKA_CONF_OK);
  }
  static void MustBeNull(rd_kafka_error_t* error) {
    const kafka::RdError owned(error);
    ASSERT_EQ(owned, nullptr) << rd_kafka_error_string(owned.get());
  }

  kafka::RdPtr<rd_kafka_t, rd_kafka_destroy> client_;
};

using KafkaOffsets = KafkaTest;

TEST_F(KafkaOffsets, OfAPartitionDoNotWaitForTransactionsThatMoveOthers) {
  MustBeOk(log_->CreateTopic("t", {.partitions = 2}));
  MustBeOk(log_->ResetOffsets("g", {{At("t", 0), {Offset(1), ""}}, {At("t", 1), {Offset(2), ""}}}));
  OpenMove open(prefix_ + "g", prefix_ + "t", 0, 5);
  EXPECT_EQ(Must(log_->CommittedOffsetsOf("g", {At("t", 1)})),
            (GroupOffsets{{At("t", 1), {Offset(2), ""}}}));
  const std::unique_ptr<Log> impatient =
      Open({.transaction_timeout = Duration(1000), .request_timeout = Duration(1000)});
  EXPECT_EQ(Must(log_->CommittedOffsets("g")).at(At("t", 0)).next, Offset(1)) << "as it still is";
  EXPECT_FALSE(impatient->CommittedOffsetsOf("g", {At("t", 0)}).ok()) << "it is about to move";
  open.Commit();
  EXPECT_EQ(Must(log_->CommittedOffsetsOf("g", {At("t", 0)})),
            (GroupOffsets{{At("t", 0), {Offset(5), ""}}}));
}

}  // namespace
}  // namespace millrace::kafka_testing
