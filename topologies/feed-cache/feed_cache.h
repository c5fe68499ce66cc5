// feed-cache: pages of feeds, and the cache entries that make them fast. The rule, the picture and
// the tables are in its README.
#pragma once

#include "absl/status/statusor.h"
#include "millrace/topology.h"

namespace millrace::topologies {

absl::StatusOr<Topology> BuildFeedCache();

}  // namespace millrace::topologies
