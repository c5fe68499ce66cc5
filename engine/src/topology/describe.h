// The three pictures of a topology: text for people who know Kafka Streams, JSON for tools,
// Graphviz for documents. Pure functions; equal topologies give equal bytes.
#pragma once

#include <string>

#include "millrace/detail/topology_data.h"

namespace millrace::detail {

// Kafka Streams' TopologyDescription.toString(), byte for byte.
std::string DescribeText(const TopologyData& data);

// One JSON document, keys in this order, arrays in the order of insertion:
//   {"name", "subtopologies": [{"id", "sources": [{"name", "topics", "children"}],
//    "processors": [{"name", "stores", "parents", "children"}],
//    "sinks": [{"name", "topic" (null when chosen per record), "parents"}], "stores"}],
//    "stores": [{"name", "kind", "backend", "changelog", "window_size_ms", "retention_ms"}],
//    "repartitions": [{"name", "partitions" (null = as the widest source upstream)}],
//    "copartitions": [{"topics", "reason"}]}
// Window fields are there for window stores only. Keys may be added, never renamed.
std::string DescribeJson(const TopologyData& data);

// A digraph: a cluster per sub-topology, boxes for steps, cylinders for stores and topics.
std::string DescribeDot(const TopologyData& data);

}  // namespace millrace::detail
