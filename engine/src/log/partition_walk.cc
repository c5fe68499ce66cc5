#include "log/partition_walk.h"

#include "absl/strings/str_cat.h"
#include "base/text.h"
#include "millrace/status.h"

namespace millrace {

PartitionWalk::PartitionWalk(const std::string& directory, LogDb* db, const PartitionLog& partition)
    : directory_(directory), partition_(partition), cursor_(db->NewCursor(partition.key())) {}

absl::Status PartitionWalk::Seek(Offset offset) {
  cursor_->Seek(offset);
  return Check(offset);
}

absl::Status PartitionWalk::Next() {
  const Offset offset = header_.end();
  cursor_->Next();
  return Check(offset);
}

absl::Status PartitionWalk::Check(Offset offset) {
  if (absl::Status status = cursor_->status(); !status.ok()) {
    if (!absl::IsDataLoss(status)) return status;
    return Damaged(offset, StdView(status.message()));
  }
  if (!cursor_->Valid() || cursor_->base() > offset) {
    return Damaged(offset, "no batch covers this offset");
  }
  absl::StatusOr<BatchHeader> header = CheckBatch(cursor_->bytes());
  if (!header.ok()) return Damaged(offset, StdView(header.status().message()));
  if (header->place != partition_.key() || header->base != cursor_->base()) {
    return Damaged(offset, "a batch lies in a foreign place");
  }
  if (header->end() <= offset) return Damaged(offset, "no batch covers this offset");
  header_ = *header;
  return absl::OkStatus();
}

absl::Status PartitionWalk::Damaged(Offset offset, std::string_view why) const {
  return absl::DataLossError(absl::StrCat(
      "the log in '", directory_, "' is damaged: topic '", partition_.name().topic, "', partition ",
      partition_.name().partition.value(), ", offset ", offset.value(), ": ", AbslView(why)));
}

}  // namespace millrace
