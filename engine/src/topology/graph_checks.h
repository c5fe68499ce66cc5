// The mistakes of a topology that can be seen before it runs. Each becomes one line that names the
// thing and the way out; all are collected, so that one build shows them all.
#pragma once

#include <string>
#include <vector>

#include "millrace/detail/topology_data.h"

namespace millrace::detail {

// Names, stores, sources, sinks. Appends to *mistakes.
void CheckGraph(const TopologyData& data, std::vector<std::string>* mistakes);

// Repartition topics that must be co-partitioned but were given different partition counts.
// REQUIRES: data.copartitions is filled. Counts of external topics are known at start only.
void CheckCopartitions(const TopologyData& data, std::vector<std::string>* mistakes);

}  // namespace millrace::detail
