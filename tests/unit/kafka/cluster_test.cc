#include "connectors/kafka/src/cluster.h"

#include <gtest/gtest.h>

#include "unit/kafka/mock_brokers.h"

namespace millrace::kafka {
namespace {

// Without news the library asks the old leader until it looks at its metadata again by itself,
// which is after half a minute.
TEST(Cluster, OffsetsAreFoundWhereTheLeaderOfAPartitionWent) {
  const MockBrokers brokers(2);
  ASSERT_EQ(rd_kafka_mock_topic_create(brokers.get(), "t", 1, 2), RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_mock_partition_set_leader(brokers.get(), "t", 0, 1);
  ClientSettings settings = brokers.settings();
  settings.options.request_timeout = Duration(10'000);
  const auto cluster = Cluster::Connect(settings);
  ASSERT_TRUE(cluster.ok()) << cluster.status();
  const TopicPartition partition{"t", PartitionId(0)};
  ASSERT_TRUE((*cluster)->FullBounds(partition).ok());

  rd_kafka_mock_partition_set_leader(brokers.get(), "t", 0, 2);
  const auto bounds = (*cluster)->FullBounds(partition);
  EXPECT_TRUE(bounds.ok()) << bounds.status();
}

}  // namespace
}  // namespace millrace::kafka
