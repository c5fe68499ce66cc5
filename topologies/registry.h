// Every topology of the product, for the worker binary.
#pragma once

#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "millrace/topology.h"

namespace millrace::topologies {

// How each is built, in alphabetical order of their names. The type is worker::TopologyFactory.
std::vector<std::function<absl::StatusOr<Topology>()>> AllTopologies();

}  // namespace millrace::topologies
