// Records: as bytes at the log's edge (RecordView, RecordBatch), typed inside a topology (Record).
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "millrace/headers.h"
#include "millrace/ids.h"
#include "millrace/time.h"

namespace millrace {

// A record as it lies in the log. All views borrow from the RecordBatch that holds it.
struct RecordView {
  std::optional<std::string_view> key;    // nullopt = null
  std::optional<std::string_view> value;  // nullopt = null, a tombstone
  Timestamp timestamp = kNoTimestamp;
  Offset offset;
  std::string_view headers;  // as AppendHeaders writes them; empty = none
};

// Records of one partition in offset order, and the buffers they point into.
// Movable; the views are valid while the batch (or a copy of `pin`) lives.
struct RecordBatch {
  std::vector<RecordView> records;
  Offset next_offset;                // where to fetch next; may lie behind the last record + 1
  // The log had no more at that moment. False: it may have, and a later Fetch() gives it.
  bool at_end = true;
  std::shared_ptr<const void> pin;   // keeps the bytes alive
  bool empty() const { return records.empty(); }
};

// A record on its way into the log. Borrows everything for the duration of the call.
struct OutgoingRecord {
  std::optional<std::string_view> key;
  std::optional<std::string_view> value;
  Timestamp timestamp = kNoTimestamp;
  const Headers* headers = &Headers::Empty();
};

// A typed record as a processor sees it: a view that is valid during Process(). A null key or value
// is a null pointer. To change something, make another view of your own objects:
//   context.Forward(record.WithValue(&total));
template <class K, class V>
struct Record {
  const K* key = nullptr;
  const V* value = nullptr;
  Timestamp timestamp = kNoTimestamp;
  const Headers* headers = &Headers::Empty();

  template <class K2>
  Record<K2, V> WithKey(const K2* other) const {
    return {other, value, timestamp, headers};
  }
  template <class V2>
  Record<K, V2> WithValue(const V2* other) const {
    return {key, other, timestamp, headers};
  }
  Record WithTimestamp(Timestamp other) const { return {key, value, other, headers}; }
  Record WithHeaders(const Headers* other) const { return {key, value, timestamp, other}; }
};

// Where the record that is being processed came from.
struct RecordMetadata {
  TopicPartition partition;
  Offset offset;
};

}  // namespace millrace
