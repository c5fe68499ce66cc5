// The text that a commit keeps with a consumed offset, so that time does not start anew after a
// restart: "t=<the partition's event time>", and " i=<the task's stream time>" if that has gone on
// while the task was idle. Milliseconds.
#pragma once

#include <string>
#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "base/text.h"
#include "millrace/time.h"

namespace millrace {

struct OffsetMetadata {
  Timestamp partition_time = kNoTimestamp;
  Timestamp idle_time = kNoTimestamp;
};

inline std::string EncodeOffsetMetadata(const OffsetMetadata& metadata) {
  std::string text = "t=" + std::to_string(ToMillis(metadata.partition_time));
  if (metadata.idle_time != kNoTimestamp) {
    text += " i=" + std::to_string(ToMillis(metadata.idle_time));
  }
  return text;
}

// Anything else (another tool's reset, an older version) means that no time is known.
inline OffsetMetadata DecodeOffsetMetadata(std::string_view text) {
  OffsetMetadata metadata;
  for (const absl::string_view field : absl::StrSplit(AbslView(text), ' ')) {
    int64_t millis = -1;
    if (field.size() < 3 || !absl::SimpleAtoi(field.substr(2), &millis)) continue;
    if (field.substr(0, 2) == "t=") metadata.partition_time = TimestampFromMillis(millis);
    if (field.substr(0, 2) == "i=") metadata.idle_time = TimestampFromMillis(millis);
  }
  return metadata;
}

}  // namespace millrace
