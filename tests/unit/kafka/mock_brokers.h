// MockBrokers: brokers that live in this process, for what real ones cannot be made to do at a
// given moment. They know topics, leaders, groups and transactions, and nothing else.
#pragma once

#include <librdkafka/rdkafka_mock.h>

#include <string>

#include "connectors/kafka/src/client_config.h"
#include "connectors/kafka/src/rd_types.h"

namespace millrace::kafka {

class MockBrokers {
 public:
  explicit MockBrokers(int brokers)
      : owner_(rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), nullptr, 0)),
        cluster_(rd_kafka_mock_cluster_new(owner_, brokers)) {}
  ~MockBrokers() {
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(owner_);
  }
  MockBrokers(const MockBrokers&) = delete;
  MockBrokers& operator=(const MockBrokers&) = delete;

  rd_kafka_mock_cluster_t* get() const { return cluster_; }
  ClientSettings settings() const {
    return {.brokers = rd_kafka_mock_cluster_bootstraps(cluster_), .options = {}};
  }

 private:
  rd_kafka_t* const owner_;
  rd_kafka_mock_cluster_t* const cluster_;
};

}  // namespace millrace::kafka
