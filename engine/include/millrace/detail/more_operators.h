// The compiled operators of verbs that Kafka Streams does not have; operators.h has the others, and
// the rules that hold for all.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "millrace/detail/operators.h"

namespace millrace::detail {

// Lets the first record of an id pass. Ids lie in a window store of (id, empty Bytes).
struct Deduplication {
  std::string store;
  Duration horizon{0};
  Duration grace{0};
  // Null: the id is the key. Else key and id together: `Bytes` (see deduplicate.cc).
  ValueMapper select_id;
  const Codec* key = nullptr;
  const Codec* id = nullptr;
  std::string late;  // the child for late records; empty: none
};
ProcessorFactory MakeDeduplicate(Deduplication what);

// How the core handles the part of a count window that is there so far, without knowing A.
struct FillingCodec {
  const Codec* codec;
  int64_t (*records)(const void* filling);
  const void* (*aggregate)(const void* filling);  // may be null
  void (*set)(void* filling, int64_t records, const void* aggregate);
};
struct CountedFold {
  std::string store;  // key-value, of fillings
  int64_t size = 0;
  Aggregation aggregation;
  const FillingCodec* filling = nullptr;
};
ProcessorFactory MakeCountWindow(CountedFold fold);

// Deletes rows that were not updated for `ttl`. `times` is a key-value store of Bytes.
struct TableExpiry {
  Duration ttl{0};
  PunctuationType clock = PunctuationType::kStreamTime;
  Duration check_every{0};  // wall clock only
  std::string times;
  const Codec* key = nullptr;
  const WindowedCodec* windowed = nullptr;  // of the key; null: it has no window
};
// Into the key-value store of `self`.
ProcessorFactory MakeTableExpiry(TableExpiry what, std::shared_ptr<const TableNode> self);

// How the core handles a list of rows without knowing their type.
struct TopCodec {
  const Codec* codec;
  const Codec* row;
  size_t (*size)(const void* top);
  const void* (*at)(const void* top, size_t i);
  void (*insert)(void* top, size_t i, const void* row);
  void (*erase)(void* top, size_t i);
};
// Whether the first row is better than the second.
using RowOrder = std::function<bool(const void*, const void*)>;
struct TableTop {
  size_t size = 0;
  RowOrder better;
  const TopCodec* top = nullptr;
  const Codec* key = nullptr;  // of the group
  std::string rows;            // a key-value store of Bytes for all rows of all groups
};
// Behind MakeTableGroupBy and its topic, into the key-value store of `self`.
ProcessorFactory MakeTableTop(TableTop what, std::shared_ptr<const TableNode> self);

}  // namespace millrace::detail
