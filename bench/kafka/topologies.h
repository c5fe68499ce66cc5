// The four topologies that are measured against Kafka Streams, over the topics "orders" and
// "customers"; bench/peer/…/Topologies.java is the same in the other language.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "millrace/topology.h"
#include "orders.pb.h"

namespace millrace::bench::kafka {

inline constexpr char kOrders[] = "orders";
inline constexpr char kCustomers[] = "customers";

struct TopologyChoice {
  std::string name;    // pass, count, window or join
  std::string output;  // the topic that it writes to
  std::string input = kOrders;
  // One update per key and commit, as Kafka Streams' record cache does, instead of every one.
  bool emit_on_commit = false;
};

// InvalidArgument: there is no such topology.
absl::StatusOr<Topology> BuildTopology(const TopologyChoice& choice);

}  // namespace millrace::bench::kafka
