// outbox-router: what the product's services announce through their outbox table, as topics, each
// announcement once. Rules, picture and tables are in the README.
#pragma once

#include "absl/status/statusor.h"
#include "millrace/topology.h"

namespace millrace::topologies {

absl::StatusOr<Topology> BuildOutboxRouter();

}  // namespace millrace::topologies
