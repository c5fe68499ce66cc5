#include "connectors/kafka/src/time_search.h"

#include <algorithm>

#include "millrace/status.h"

namespace millrace::kafka {
namespace {

constexpr size_t kFetchBytes = 1 << 20;
constexpr Duration kOpenTransactions(1000);

}  // namespace

absl::StatusOr<Offset> FindTime(Cluster* cluster, LogReader* reader,
                                const TopicPartition& partition, Timestamp time) {
  MR_ASSIGN_OR_RETURN(const std::optional<Offset> hint, cluster->NotBefore(partition, time));
  MR_ASSIGN_OR_RETURN(const std::vector<PartitionDescription> all,
                      cluster->Bounds(partition.topic, kOpenTransactions));
  const PartitionDescription& bounds = all[static_cast<size_t>(partition.partition.value())];
  // A broker looks no further than a segment whose records are deleted and whose file is not.
  const bool sure = hint.has_value() || bounds.begin == Offset(0);
  if (sure && !hint.has_value()) return bounds.end;
  Offset next = std::max(hint.value_or(bounds.begin), bounds.begin);
  MR_RETURN_IF_ERROR(reader->Assign(partition, next));
  while (next < bounds.end) {
    MR_ASSIGN_OR_RETURN(const RecordBatch batch, FetchOnward(reader, partition, next, kFetchBytes));
    for (const RecordView& record : batch.records) {
      if (record.timestamp >= time) return record.offset;
    }
    next = batch.next_offset;
  }
  return bounds.end;
}

}  // namespace millrace::kafka
