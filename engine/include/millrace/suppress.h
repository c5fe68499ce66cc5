// What Table::Suppress waits for before it lets an update out.
#pragma once

#include <cstddef>
#include <optional>

#include "millrace/time.h"

namespace millrace {

// Only the last update of each window, once the window is closed: no record that would change it is
// accepted any more. For tables of windowed aggregations and views of them. Tombstones stay back.
// As Kafka Streams has it, windows whose last timestamp is inclusive (sliding ones, sessions) come
// out at the last moment at which a record may still change them, and then come out again.
struct UntilWindowCloses {
  bool in_memory = false;
};

// At most one update of each key per `limit`, the last one. The time runs from the timestamp of the
// first update that is held back, by the timestamps of those that come after it.
struct UntilTimeLimit {
  Duration limit;
  // The oldest updates are let out early when more keys are waiting.
  std::optional<size_t> max_records;
  bool in_memory = false;
};

}  // namespace millrace
