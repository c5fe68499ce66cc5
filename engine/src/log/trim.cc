#include "log/trim.h"

#include <algorithm>

#include "log/partition_walk.h"
#include "millrace/status.h"

namespace millrace {
namespace {

// A partition's new begin while it is on its way into the database.
struct Trimmed {
  PartitionLog* partition;
  PartitionRecord record;
  int64_t first_position;
  Offset kept;  // base of the first batch that stays
};

// The bytes of the batches between `from` and `to`, which are ends of batches.
absl::StatusOr<int64_t> BytesBetween(Offset from, Offset to, PartitionWalk* walk) {
  int64_t bytes = 0;
  for (Offset at = from; at < to; at = walk->header().end()) {
    MR_RETURN_IF_ERROR(at == from ? walk->Seek(at) : walk->Next());
    bytes += static_cast<int64_t>(walk->bytes().size());
  }
  return bytes;
}

absl::StatusOr<Trimmed> Plan(const std::string& directory, LogDb* db, PartitionLog* partition,
                             Offset before) {
  Trimmed trimmed = {.partition = partition,
                     .record = partition->record(),
                     .first_position = partition->head().position,
                     .kept = partition->end()};
  const Offset old_begin = trimmed.record.begin;
  trimmed.record.begin = std::max(old_begin, std::min(before, partition->end()));
  PartitionWalk walk(directory, db, *partition);
  if (trimmed.record.begin < partition->end()) {
    MR_RETURN_IF_ERROR(walk.Seek(trimmed.record.begin));
    trimmed.kept = walk.header().base;
    trimmed.first_position = walk.header().position;
  }
  if (old_begin < trimmed.record.clean_end) {
    MR_ASSIGN_OR_RETURN(
        const int64_t bytes,
        BytesBetween(old_begin, std::min(trimmed.kept, trimmed.record.clean_end), &walk));
    trimmed.record.clean_bytes -= bytes;
  }
  return trimmed;
}

}  // namespace

absl::Status TrimPartitions(const std::string& directory, LogDb* db, CommitQueue* queue,
                            const std::vector<TrimRequest>& requests) {
  std::vector<Trimmed> all;
  const auto fill = [&](LogWrite& write) -> absl::Status {
    for (const TrimRequest& request : requests) {
      PartitionLog* const partition = request.partition.get();
      if (partition->deleted() || request.before <= partition->begin()) continue;
      MR_ASSIGN_OR_RETURN(Trimmed trimmed, Plan(directory, db, partition, request.before));
      write.DeleteBatches(partition->key(), Offset(0), trimmed.kept);
      write.PutMeta(PartitionRecordKey(partition->key()), EncodePartition(trimmed.record));
      all.push_back(std::move(trimmed));
    }
    return absl::OkStatus();
  };
  MR_RETURN_IF_ERROR(queue->Write(fill, [&] {
    for (const Trimmed& trimmed : all) {
      trimmed.partition->SetRecord(trimmed.record, trimmed.first_position);
    }
  }));
  for (const Trimmed& trimmed : all) db->ReclaimBatches(trimmed.partition->key(), trimmed.kept);
  return absl::OkStatus();
}

}  // namespace millrace
