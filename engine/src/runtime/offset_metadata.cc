#include "runtime/offset_metadata.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/text.h"

namespace millrace {

std::string EncodeOffsetMetadata(const OffsetMetadata& metadata) {
  std::string text = absl::StrCat("t=", ToMillis(metadata.partition_time));
  if (metadata.idle_time != kNoTimestamp) {
    absl::StrAppend(&text, " i=", ToMillis(metadata.idle_time));
  }
  for (const auto& [name, time] : metadata.step_times) {
    if (time != kNoTimestamp) absl::StrAppend(&text, " ", name, ":", ToMillis(time));
  }
  return text;
}

OffsetMetadata DecodeOffsetMetadata(std::string_view text) {
  OffsetMetadata metadata;
  for (const absl::string_view field : absl::StrSplit(AbslView(text), ' ')) {
    const size_t mark = field.find_first_of("=:");
    int64_t millis = 0;
    if (mark == field.npos || !absl::SimpleAtoi(field.substr(mark + 1), &millis)) continue;
    const absl::string_view name = field.substr(0, mark);
    const Timestamp time = TimestampFromMillis(millis);
    if (field[mark] == ':') metadata.step_times[std::string(name)] = time;
    if (field[mark] == '=' && name == "t") metadata.partition_time = time;
    if (field[mark] == '=' && name == "i") metadata.idle_time = time;
  }
  return metadata;
}

}  // namespace millrace
