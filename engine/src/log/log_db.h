// LogDb: the local log's RocksDB, and the only file of this layer that knows RocksDB.
//
// Column families: "default" holds named metadata, "batches" packed batches by (topic id,
// partition, base offset), "offsets" the groups' positions. A LogWrite is applied as a whole or not
// at all.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "log/batch_format.h"
#include "millrace/ids.h"
#include "millrace/local_log.h"

namespace millrace {

class LogWrite {
 public:
  virtual ~LogWrite() = default;
  virtual void PutBatch(const PartitionKey& partition, Offset base, std::string_view bytes) = 0;
  virtual void DeleteBatch(const PartitionKey& partition, Offset base) = 0;
  // Batches with base offset in [from, to).
  virtual void DeleteBatches(const PartitionKey& partition, Offset from, Offset to) = 0;
  virtual void PutMeta(std::string_view key, std::string_view value) = 0;
  virtual void DeleteMeta(std::string_view key) = 0;
  virtual void PutGroupOffset(std::string_view key, std::string_view value) = 0;
  virtual void DeleteGroupOffset(std::string_view key) = 0;
  virtual void PutCommitSequence(uint64_t sequence) = 0;
};

// A walk over the batches of a partition, in offset order, as of its creation.
class BatchCursor {
 public:
  virtual ~BatchCursor() = default;
  // To the last batch that starts at or before `offset`, else to the first.
  virtual void Seek(Offset offset) = 0;
  virtual void SeekToLast() = 0;
  virtual void Next() = 0;
  virtual bool Valid() const = 0;
  virtual Offset base() const = 0;
  virtual std::string_view bytes() const = 0;  // until the cursor moves
  // DataLoss or Unavailable when the walk ended for another reason than the end.
  virtual absl::Status status() const = 0;
};

// Thread-safe.
class LogDb {
 public:
  // `create`: makes what is missing of the database; the directory's parent must exist. DataLoss:
  // damaged or, without `create`, missing files.
  static absl::StatusOr<std::unique_ptr<LogDb>> Open(const std::string& directory, bool create,
                                                     const LocalLogOptions& options);
  virtual ~LogDb() = default;

  // A write that will take about `bytes`.
  virtual std::unique_ptr<LogWrite> NewWrite(size_t bytes) = 0;
  // ResourceExhausted: no space, nothing applied, may be tried again; RocksDB looks for space every
  // few seconds. DataLoss, Unavailable: the disk failed, and what was applied shows only when the
  // database is opened again. A write with batches is refused while the device has less space left
  // than flushes may need.
  virtual absl::Status Apply(LogWrite& write, bool sync) = 0;
  // Makes durable what was applied without `sync`.
  virtual absl::Status Sync() = 0;

  // The last one that was put, 0 at first. DataLoss: the families do not agree.
  virtual absl::StatusOr<uint64_t> CommitSequence() = 0;

  virtual std::unique_ptr<BatchCursor> NewCursor(const PartitionKey& partition) = 0;
  // Gives the space of deleted batches back to the file system sooner than compaction would.
  virtual void ReclaimBatches(const PartitionKey& partition, Offset to) = 0;

  using Visitor = std::function<absl::Status(std::string_view key, std::string_view value)>;
  virtual absl::Status ScanMeta(std::string_view prefix, const Visitor& visit) = 0;
  virtual absl::Status ScanGroupOffsets(std::string_view prefix, const Visitor& visit) = 0;
};

}  // namespace millrace
