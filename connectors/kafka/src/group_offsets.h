// The positions of groups: what is committed, and what a tool sets. Thread-safe, as the cluster is.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "connectors/kafka/src/cluster.h"
#include "connectors/kafka/src/rd_types.h"
#include "millrace/log.h"

namespace millrace::kafka {

// Waits for transactions that are about to change one of them.
absl::StatusOr<GroupOffsets> ReadGroupOffsets(Cluster* cluster, const std::string& group,
                                              const std::vector<TopicPartition>& partitions);
// Waits a moment for them, then takes the positions as they are.
absl::StatusOr<GroupOffsets> ReadAllGroupOffsets(Cluster* cluster, const std::string& group);
absl::StatusOr<std::vector<std::string>> ListGroups(Cluster* cluster);
// FailedPrecondition: the group has members.
absl::Status WriteGroupOffsets(Cluster* cluster, const std::string& group,
                               const GroupOffsets& offsets);

// As the client library takes them. Kafka's metadata are text, ours are bytes: base64 behind a
// prefix.
RdPartitions ToPartitionList(const GroupOffsets& offsets);
GroupOffsets FromPartitionList(const rd_kafka_topic_partition_list_t& list);

}  // namespace millrace::kafka
