// One record of a change topic as a generator hands it out: bytes that can go into a log as they
// are. A caller keeps one and passes it to every Next(), so that its buffers are used again.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "millrace/record.h"

namespace millrace::gen {

struct ChangeRecord {
  std::string_view topic;  // of static storage: "cdc.posts" and so on
  std::string key;         // JSON of the row's primary key, as Debezium writes it
  std::string value;       // JSON of the change; nothing for a tombstone
  bool is_tombstone = false;
  Timestamp timestamp = kNoTimestamp;  // when the change was committed; never goes back

  std::optional<std::string_view> ValueOrNull() const {
    if (is_tombstone) return std::nullopt;
    return value;
  }
  // Borrows this record.
  OutgoingRecord AsOutgoing() const {
    return {.key = key, .value = ValueOrNull(), .timestamp = timestamp};
  }
};

}  // namespace millrace::gen
