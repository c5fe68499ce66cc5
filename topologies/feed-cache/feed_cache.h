// feed-cache: pages of feeds, and the cache entries that make them fast. The rule, the picture and
// the tables are in its README.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "millrace/topology.h"

namespace millrace::topologies {

struct FeedCacheOptions {
  // Who has so many followers, or had them once, is a celebrity, whose posts may be in no feed. At
  // most FeedFanOutOptions::push_below: the two count followers in different orders, so that the
  // one may see a few more than the other. Looking up what was pushed as well does no harm.
  int64_t celebrities_from = 8'000;
};

absl::StatusOr<Topology> BuildFeedCache();
absl::StatusOr<Topology> BuildFeedCacheWith(FeedCacheOptions options);

}  // namespace millrace::topologies
