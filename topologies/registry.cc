#include "topologies/registry.h"

#include "topologies/word-count/word_count.h"

namespace millrace::topologies {

std::vector<std::function<absl::StatusOr<Topology>()>> AllTopologies() { return {BuildWordCount}; }

}  // namespace millrace::topologies
