// What the brokers say of topics, as one instance of the client library asks them.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "connectors/kafka/src/client.h"
#include "connectors/kafka/src/deadline.h"
#include "connectors/kafka/src/rd_types.h"

namespace millrace::kafka {

using RdMetadata = RdPtr<const rd_kafka_metadata_t, rd_kafka_metadata_destroy>;

// Asked until it is answered. `only` null: all topics.
absl::StatusOr<RdMetadata> AskMetadata(Client* client, rd_kafka_topic_t* only,
                                       const Attempt& attempt, const Deadline& deadline);

// A topic as one broker sees it; 0 partitions: it does not know it.
struct TopicView {
  int32_t partitions = 0;
  int32_t leaders = 0;  // partitions that have one
};

absl::StatusOr<TopicView> LookAt(Client* client, rd_kafka_topic_t* topic, const Deadline& deadline);

}  // namespace millrace::kafka
