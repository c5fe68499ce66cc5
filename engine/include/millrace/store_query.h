// What may be asked of the committed rows of a store, as bytes. Engine::ReadStore takes it;
// store_reader.h puts types around it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "millrace/ids.h"
#include "millrace/time.h"

namespace millrace {

// All rows, unless something narrows it down.
struct StoreQuery {
  std::string store;
  // Of user keys, as their Serde writes them, without a window: from..to, both inclusive, nullopt =
  // open; and those that start with `prefix`.
  std::optional<std::string> from;
  std::optional<std::string> to;
  std::string prefix;
  // Windows by their start; sessions that overlap; versions by the time from which they are valid.
  // Both inclusive; no meaning for other stores.
  Timestamp earliest = Timestamp::min();
  Timestamp latest = Timestamp::max();
  // One partition's task only.
  std::optional<PartitionId> partition;
};

// A row as bytes. Views are valid during the visit.
struct StoreQueryRow {
  std::string_view key;                   // the user's key
  std::optional<std::string_view> value;  // nullopt: a version that says "deleted"
  std::string_view headers;               // as AppendHeaders writes them; empty = none
  Timestamp timestamp = kNoTimestamp;
  // Of a window or session; a version has the start only. Else kNoTimestamp.
  Timestamp start = kNoTimestamp;
  Timestamp end = kNoTimestamp;
};

// Returns false to stop.
using StoreVisit = std::function<bool(const StoreQueryRow&)>;

}  // namespace millrace
