// One record of a topic as a generator hands it out: bytes that can go into a log as they are.
// A caller keeps one and passes it to every Next(), so that its buffers are used again.
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
  bool has_key = true;
  bool is_tombstone = false;
  Timestamp timestamp = kNoTimestamp;  // when it came into the log; never goes back
  Headers headers;

  std::optional<std::string_view> KeyOrNull() const {
    if (!has_key) return std::nullopt;
    return key;
  }
  std::optional<std::string_view> ValueOrNull() const {
    if (is_tombstone) return std::nullopt;
    return value;
  }
  // Borrows this record.
  OutgoingRecord AsOutgoing() const {
    return {
        .key = KeyOrNull(), .value = ValueOrNull(), .timestamp = timestamp, .headers = &headers};
  }
};

// As `topic produce` reads it, with its newline. What is not UTF-8 goes as base64.
void AppendRecordLine(const ChangeRecord& record, std::string* out);

}  // namespace millrace::gen
