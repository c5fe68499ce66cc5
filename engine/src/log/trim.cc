#include "log/trim.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "log/partition_walk.h"
#include "millrace/status.h"

namespace millrace {
namespace {

// The bytes of the batches between `from` and `to`, the begins of two batches.
absl::StatusOr<int64_t> BytesBetween(Offset from, Offset to, PartitionWalk* walk) {
  int64_t bytes = 0;
  for (Offset at = from; at < to; at = walk->header().end()) {
    MR_RETURN_IF_ERROR(at == from ? walk->Seek(at) : walk->Next());
    bytes += static_cast<int64_t>(walk->bytes().size());
  }
  return bytes;
}

}  // namespace

absl::Status TrimPartition(const std::string& directory, LogDb* db, CommitQueue* queue,
                           PartitionLog* partition, Offset offset) {
  PartitionRecord record;
  int64_t first_position = 0;
  Offset kept;  // begin of the first batch that stays
  const auto fill = [&](LogWrite& write) -> absl::Status {
    if (partition->deleted()) {
      return absl::NotFoundError(absl::StrCat("topic '", partition->name().topic, "' was deleted"));
    }
    record = partition->record();
    const Offset old_begin = record.begin;
    record.begin = std::max(old_begin, std::min(offset, partition->end()));
    kept = partition->end();
    first_position = partition->head().position;
    PartitionWalk walk(directory, db, *partition);
    if (record.begin < partition->end()) {
      MR_RETURN_IF_ERROR(walk.Seek(record.begin));
      kept = walk.header().base;
      first_position = walk.header().position;
    }
    if (old_begin < record.clean_end && kept > old_begin) {
      MR_ASSIGN_OR_RETURN(const int64_t bytes,
                          BytesBetween(old_begin, std::min(kept, record.clean_end), &walk));
      record.clean_bytes -= bytes;
    }
    write.DeleteBatches(partition->key(), Offset(0), kept);
    write.PutMeta(PartitionRecordKey(partition->key()), EncodePartition(record));
    return absl::OkStatus();
  };
  if (offset <= partition->begin()) return absl::OkStatus();
  MR_RETURN_IF_ERROR(queue->Write(fill, [&] { partition->SetRecord(record, first_position); }));
  db->ReclaimBatches(partition->key(), kept);
  return absl::OkStatus();
}

}  // namespace millrace
