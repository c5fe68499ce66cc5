// word-count: how often each word has occurred in `lines`. The smallest topology with state.
// Its README has the picture, the topics, the store and what becomes of bad input.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "millrace/topic.h"
#include "millrace/topology.h"

namespace millrace::topologies {

// Lines of text. The key does not matter.
inline const Topic<std::string, std::string> kLines{"lines"};
// Word -> how often it has occurred so far. Every update of a count is a record.
inline const Topic<std::string, int64_t> kWordCounts{"word-counts"};

absl::StatusOr<Topology> BuildWordCount();

}  // namespace millrace::topologies
