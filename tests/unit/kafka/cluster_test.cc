#include "connectors/kafka/src/cluster.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "unit/kafka/mock_brokers.h"

namespace millrace::kafka {
namespace {

class ClusterOfMockBrokers : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(rd_kafka_mock_topic_create(brokers_.get(), "t", 1, 2), RD_KAFKA_RESP_ERR_NO_ERROR);
    LeadFrom(1);
    ClientSettings settings = brokers_.settings();
    settings.options.request_timeout = Duration(6'000);
    auto cluster = Cluster::Connect(settings);
    ASSERT_TRUE(cluster.ok()) << cluster.status();
    cluster_ = *std::move(cluster);
    ASSERT_TRUE(Bounds().ok());
  }
  void LeadFrom(int32_t broker) {
    rd_kafka_mock_partition_set_leader(brokers_.get(), "t", 0, broker);
  }
  absl::StatusOr<PartitionDescription> Bounds() {
    return cluster_->FullBounds({"t", PartitionId(0)});
  }

  MockBrokers brokers_{2};
  std::unique_ptr<Cluster> cluster_;
};

// Without news the library asks the old leader until it looks at its metadata again by itself,
// which is after half a minute.
TEST_F(ClusterOfMockBrokers, OffsetsAreFoundWhereTheLeaderOfAPartitionWent) {
  LeadFrom(2);
  EXPECT_TRUE(Bounds().ok());
}

TEST_F(ClusterOfMockBrokers, OffsetsAreFoundWhereTheLeaderWentThoughTheOldOneIsSilent) {
  rd_kafka_mock_broker_set_down(brokers_.get(), 1);
  LeadFrom(2);
  EXPECT_TRUE(Bounds().ok());
}

}  // namespace
}  // namespace millrace::kafka
