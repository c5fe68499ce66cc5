// feed-rank: the place and the relevance of every post in every feed, as the table user_feeds has
// them. The rule, the picture and the tables are in its README.
#pragma once

#include "absl/status/statusor.h"
#include "millrace/topology.h"

namespace millrace::topologies {

absl::StatusOr<Topology> BuildFeedRank();

}  // namespace millrace::topologies
