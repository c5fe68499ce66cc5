// What may be deleted: by time, by size, and because every group has read it.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "log/log_db.h"
#include "log/log_state.h"
#include "log/partition_log.h"
#include "millrace/log.h"

namespace millrace {

// The offset before which the topic's retention wants its records deleted; the partition's begin if
// there is nothing to delete. `bytes` are those of the partition.
absl::StatusOr<Offset> RetentionOffset(const std::string& directory, LogDb* db,
                                       const PartitionLog& partition, const TopicConfig& config,
                                       int64_t bytes, Timestamp now);

// The lowest position of the groups that read the partition; nullopt if none does. Under the state
// mutex.
std::optional<Offset> ConsumedOffset(const LogState& state, const TopicPartition& partition);

}  // namespace millrace
