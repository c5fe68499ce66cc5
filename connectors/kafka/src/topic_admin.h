// Topics: made, widened, described, deleted. Each function waits until the brokers have done it,
// and the brokers that we ask next know. Thread-safe, as the cluster is.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connectors/kafka/src/cluster.h"
#include "millrace/log.h"

namespace millrace::kafka {

absl::Status MakeTopic(Cluster* cluster, const std::string& topic, const TopicConfig& config);
absl::Status WidenTopic(Cluster* cluster, const std::string& topic, int32_t partitions);
absl::Status RemoveTopic(Cluster* cluster, const std::string& topic);
// The settings that TopicConfig knows, as the topic has them, its own or the broker's defaults.
absl::StatusOr<TopicConfig> ReadTopicConfig(Cluster* cluster, const std::string& topic,
                                            int32_t partitions);
// Up to `offset`, or up to the end if that comes first.
absl::Status DeleteRecords(Cluster* cluster, const TopicPartition& partition, Offset offset);

}  // namespace millrace::kafka
