// PartitionWalk: a cursor over a partition's batches on disk that hands out only what it has
// checked: the checksum, that a batch lies in its place, and that none is missing.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "log/batch_format.h"
#include "log/log_db.h"
#include "log/partition_log.h"

namespace millrace {

class PartitionWalk {
 public:
  // Sees the partition as it is now. All arguments must outlive the walk.
  PartitionWalk(const std::string& directory, LogDb* db, const PartitionLog& partition);

  // To the batch that covers `offset`. DataLoss: there is none, or it is damaged; the message
  // names directory, topic, partition and offset.
  absl::Status Seek(Offset offset);
  // To the batch behind the current one; as Seek(header().end()).
  absl::Status Next();

  const BatchHeader& header() const { return header_; }
  std::string_view bytes() const { return cursor_->bytes(); }  // until the walk moves

 private:
  absl::Status Check(Offset offset);
  absl::Status Damaged(Offset offset, std::string_view why) const;

  const std::string& directory_;
  const PartitionLog& partition_;
  const std::unique_ptr<BatchCursor> cursor_;
  BatchHeader header_;
};

}  // namespace millrace
