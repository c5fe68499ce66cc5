#include "log/retention.h"

#include <algorithm>

#include "log/partition_walk.h"
#include "millrace/status.h"

namespace millrace {
namespace {

bool Expired(const BatchHeader& batch, const TopicConfig& config, Timestamp now) {
  if (!config.retention.has_value()) return false;
  if (batch.count == 0) return true;  // emptied by compaction
  // Records without a time have no age.
  return batch.max_timestamp != kNoTimestamp && batch.max_timestamp < now - *config.retention;
}

// Of the newest batch; kNoTimestamp if nothing is known of it.
absl::StatusOr<Timestamp> NewestTimestamp(LogDb* db, const PartitionLog& partition) {
  const std::unique_ptr<BatchCursor> cursor = db->NewCursor(partition.key());
  cursor->SeekToLast();
  MR_RETURN_IF_ERROR(cursor->status());
  if (!cursor->Valid()) return kNoTimestamp;
  MR_ASSIGN_OR_RETURN(BatchHeader newest, CheckBatch(cursor->bytes()));
  return newest.max_timestamp;
}

}  // namespace

absl::StatusOr<Offset> RetentionOffset(const std::string& directory, LogDb* db,
                                       const PartitionLog& partition, const TopicConfig& config,
                                       int64_t bytes, Timestamp now) {
  const Offset begin = partition.begin();
  const Offset end = partition.end();
  const bool too_large = config.retention_bytes.has_value() && bytes > *config.retention_bytes;
  if (config.cleanup == Cleanup::kCompact || (!config.retention.has_value() && !too_large)) {
    return begin;
  }
  if (config.cleanup == Cleanup::kCompactAndDelete) {
    // State is restored from such topics: what it holds depends on event time, not on the day on
    // which old input happens to be processed.
    MR_ASSIGN_OR_RETURN(Timestamp newest, NewestTimestamp(db, partition));
    now = std::min(now, newest);
  }
  PartitionWalk walk(directory, db, partition);
  Offset keep_from = begin;
  while (keep_from < end) {
    MR_RETURN_IF_ERROR(keep_from == begin ? walk.Seek(begin) : walk.Next());
    const auto size = static_cast<int64_t>(walk.bytes().size());
    // As Kafka does, never delete so much that less than the limit remains.
    const bool over = config.retention_bytes.has_value() && bytes - size >= *config.retention_bytes;
    if (!over && !Expired(walk.header(), config, now)) break;
    bytes -= size;
    keep_from = walk.header().end();
  }
  return keep_from;
}

std::optional<Offset> ConsumedOffset(const LogState& state, const TopicPartition& partition) {
  std::optional<Offset> lowest;
  for (const auto& [group, offsets] : state.groups) {
    auto it = offsets.find(partition);
    if (it == offsets.end()) continue;
    lowest = std::min(lowest.value_or(it->second.next), it->second.next);
  }
  return lowest;
}

}  // namespace millrace
