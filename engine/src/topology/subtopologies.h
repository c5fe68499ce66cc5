// Cuts a graph into sub-topologies and finds the topics that must be co-partitioned.
// Pure functions over TopologyData.
#pragma once

#include <string>
#include <vector>

#include "millrace/detail/topology_data.h"

namespace millrace::detail {

// What a step asked for, before its nodes are traced back to topics.
struct CopartitionRequest {
  std::vector<NodeId> nodes;
  std::string reason;
};

// Moves the names of global stores out of the lists of stores of the steps that only read them.
void SetGlobalStoresApart(TopologyData* data);

// Nodes that share an edge or a store share a sub-topology; a repartition topic separates them, and
// a global store does not connect them. Numbered as Kafka Streams does: by the sub-topology's first
// node in the order of insertion. REQUIRES: SetGlobalStoresApart().
std::vector<SubtopologySpec> CutIntoSubtopologies(const TopologyData& data);

// The source topics upstream of each request's nodes, in the order of their sources. Requests that
// lead to fewer than two topics ask for nothing and are left out.
std::vector<CopartitionGroup> ResolveCopartitions(const TopologyData& data,
                                                  const std::vector<CopartitionRequest>& requests);

}  // namespace millrace::detail
