// The packed batch: records of one partition as they lie on disk, in memory and in a RecordBatch.
//
//   offset  size
//        0     1  format version (1)
//        1     1  reserved, 0
//        2     8  checksum: xxh3-64 of everything behind this field
//       10     4  topic id          \  a batch that lands under a foreign key
//       14     4  partition         /  is found out by these
//       18     8  base offset: of the first record when the batch was first written
//       26     4  last offset delta: the batch covers base .. base + delta, gaps included
//       30     4  record count (0 is possible: all records were compacted away)
//       34     8  position: bytes of the partition that were written before this batch
//       42     8  first timestamp
//       50     8  highest timestamp
//       58     …  records
//
// A record: varint offset delta, zigzag varint (timestamp - first timestamp), varint key size + 1
// (0 = null), key, varint value size + 1, value, varint headers size, headers. Fixed-size numbers
// are big-endian. Batches of a partition are contiguous: each starts where the one before it ends.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "log/byte_buffer.h"
#include "millrace/record.h"

namespace millrace {

// The place of a partition in the key space.
struct PartitionKey {
  uint32_t topic_id = 0;
  PartitionId partition;
  auto operator<=>(const PartitionKey&) const = default;
};

struct BatchHeader {
  PartitionKey place;
  Offset base;
  uint32_t last_delta = 0;
  uint32_t count = 0;
  int64_t position = 0;
  Timestamp first_timestamp = kNoTimestamp;
  Timestamp max_timestamp = kNoTimestamp;

  Offset end() const { return base.Next(int64_t{last_delta} + 1); }
};

// Packs records. Offsets are relative until Seal() gives the batch its place.
class BatchBuilder {
 public:
  BatchBuilder();

  // Appends a record behind the last one.
  void Add(const OutgoingRecord& record);
  // Appends a record at a greater delta than the last one's (compaction).
  void AddAt(uint32_t delta, const RecordView& record);

  uint32_t count() const { return header_.count; }
  size_t size() const { return bytes_.size(); }

  // Writes header and checksum; may be called again with another place. `covered` offsets from
  // `base` on belong to the batch, at least as many as it has records.
  void Seal(const PartitionKey& place, Offset base, int64_t position, uint32_t covered);
  const BatchHeader& header() const { return header_; }
  std::string_view bytes() const { return bytes_.view(); }
  ByteBuffer Release() && { return std::move(bytes_); }

 private:
  void Append(uint32_t delta, Timestamp timestamp, std::optional<std::string_view> key,
              std::optional<std::string_view> value, std::string_view headers);

  BatchHeader header_;
  ByteBuffer bytes_;
  std::string headers_;  // scratch
};

// The header of bytes that match their checksum. DataLoss: too short, of an unknown version, or
// damaged.
absl::StatusOr<BatchHeader> CheckBatch(std::string_view bytes);

// Walks the records of a batch that was checked, or that never left memory.
class BatchDecoder {
 public:
  BatchDecoder() = default;
  // `bytes` is the whole batch and must outlive the decoder and the records' views.
  BatchDecoder(const BatchHeader& header, std::string_view bytes);

  // The next record; false at the end, and where the batch is not well-formed.
  bool Next(RecordView* record);
  bool done() const { return left_ == 0; }
  // Asked after Next() returned false: DataLoss unless every byte belonged to a record.
  absl::Status status() const;

 private:
  Offset base_;
  uint32_t last_delta_ = 0;
  uint32_t left_ = 0;
  uint64_t first_timestamp_ = 0;
  std::string_view rest_;
  bool damaged_ = false;
};

}  // namespace millrace
