// feed-fan-out: every user's feed, kept at all times as the posts that exist by the authors whom
// the user follows, whatever came first. The rule, the picture and the tables are in its README.
#pragma once

#include "absl/status/statusor.h"
#include "millrace/topology.h"

namespace millrace::topologies {

absl::StatusOr<Topology> BuildFeedFanOut();

}  // namespace millrace::topologies
