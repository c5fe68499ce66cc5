// feed-fan-out: every user's feed, kept at all times as the newest posts by the authors whom the
// user follows, whatever came first. The rule, the picture and the tables are in its README.
#pragma once

#include "absl/status/statusor.h"
#include "millrace/topology.h"
#include "topologies/feed-fan-out/options.h"

namespace millrace::topologies {

absl::StatusOr<Topology> BuildFeedFanOut();
absl::StatusOr<Topology> BuildFeedFanOutWith(FeedFanOutOptions options);

}  // namespace millrace::topologies
