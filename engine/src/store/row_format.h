// The byte layout of everything that a store keeps in its backend.
//
// Row of a store (the value under its key):
//
//   flags u8 | timestamp i64 BE | [headers] | value bytes
//
//   Bit 0 of flags: headers are there, a varint length, then bytes as AppendHeaders writes them.
//   Rows without headers have none of it. A reader that meets a flag it does not know reports
//   DataLoss. In the changelog headers are those of the record, and the value is the value bytes.
//
// Key of a key-value store: the key's bytes. Key of a window store:
//
//   segment i64 | escaped key | start i64 | sequence u32 BE
//
//   i64 here is big-endian with the sign bit flipped, so that bytes sort like numbers. The key is
//   escaped (00 -> 00 FF, end 00 00), so that no key's rows lie between those of another.
//   segment = floor(start / interval); interval = max(retention / 2, 60 s) as in Kafka Streams, or
//   1 ms for stores in memory, whose rows are thereby ordered by start, then key. The sequence
//   tells duplicates apart; 0 in stores without them.
//
// Key of a row in the changelog of a window store (Kafka Streams' own):
//
//   key bytes | start i64 BE | sequence u32 BE
//
// Key of a row of a versioned store, and of its row in the changelog:
//
//   escaped key | from i64          key bytes | from i64 BE
//
// Its value begins with a byte: 0 for a tombstone, whose value ends there, 1 for a value, 2 for a
// value that took the place of a tombstone of the same timestamp. A row that is gone from the
// changelog's view (null) is a version that is older than the history.
//
// Table `meta`:
//
//   "format"            -> u32 BE, kFormatVersion
//   "layout/<store>"    -> text that names kind, formats and layout of the store's rows
//   "position/<store>"  -> i64 BE, the next changelog offset that the store lacks
//   "time/<store>"      -> i64 BE, the observed stream time of a window store
//   "sequence/<store>"  -> i64 BE, the last sequence given to a duplicate
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "millrace/time.h"

namespace millrace::store {

inline constexpr uint32_t kFormatVersion = 1;

// What stands before the value. `headers` as AppendHeaders writes them; empty = none.
void AppendRowHeader(Timestamp timestamp, std::string_view headers, std::string* row);

struct ParsedRow {
  Timestamp timestamp = kNoTimestamp;
  std::string_view headers;  // as AppendHeaders writes them; empty = none
  std::string_view value;
};
// DataLoss: too short, or unknown flags.
absl::Status ParseRow(std::string_view bytes, ParsedRow* row);

// The smallest key behind all keys that start with `prefix`; empty when there is none.
std::string PrefixEnd(std::string_view prefix);

}  // namespace millrace::store
