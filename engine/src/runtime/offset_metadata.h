// The text that a commit keeps with a consumed offset, so that time does not start anew after a
// restart. Fields of milliseconds: "t=" the partition's event time, "i=" the task's stream time if
// it has gone on while the task was idle, "NAME:" the durable time of a step.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "millrace/time.h"

namespace millrace {

struct OffsetMetadata {
  Timestamp partition_time = kNoTimestamp;
  Timestamp idle_time = kNoTimestamp;
  std::map<std::string, Timestamp> step_times;
};

std::string EncodeOffsetMetadata(const OffsetMetadata& metadata);
// Anything else (another tool's reset, another version) means that no time is known.
OffsetMetadata DecodeOffsetMetadata(std::string_view text);

}  // namespace millrace
