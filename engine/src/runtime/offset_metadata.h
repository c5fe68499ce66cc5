// The text that a commit keeps with a consumed offset: the partition's event time, so that stream
// time does not start anew after a restart. "t=<milliseconds>".
#pragma once

#include <string>
#include <string_view>

#include "absl/strings/numbers.h"
#include "base/text.h"
#include "millrace/time.h"

namespace millrace {

inline std::string EncodeOffsetMetadata(Timestamp time) {
  return "t=" + std::to_string(ToMillis(time));
}

// Anything else (another tool's reset, an older version) means that no time is known.
inline Timestamp DecodeOffsetMetadata(std::string_view text) {
  int64_t millis = -1;
  if (!text.starts_with("t=") || !absl::SimpleAtoi(AbslView(text.substr(2)), &millis)) {
    return kNoTimestamp;
  }
  return TimestampFromMillis(millis);
}

}  // namespace millrace
