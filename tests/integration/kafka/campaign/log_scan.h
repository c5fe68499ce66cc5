// Reads whole topics of a log.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "millrace/log.h"

namespace millrace::campaign {

// Calls `visit` on every record that a reader of `log` may see in the topic right now, partition by
// partition, in order. NotFound: there is no such topic. Unavailable: the end was not reached in
// half a minute without progress.
absl::Status ScanTopic(const std::string& topic, Log* log,
                       const std::function<void(int32_t partition, const RecordView&)>& visit);

// Blocks for so long.
void Pause(Duration time);

}  // namespace millrace::campaign
