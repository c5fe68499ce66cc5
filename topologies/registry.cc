#include "topologies/registry.h"

#include "topologies/active-users/active_users.h"
#include "topologies/affinity/affinity.h"
#include "topologies/cdc-normalise/cdc_normalise.h"
#include "topologies/feed-cache/feed_cache.h"
#include "topologies/feed-fan-out/feed_fan_out.h"
#include "topologies/feed-rank/feed_rank.h"
#include "topologies/hot-posts/hot_posts.h"
#include "topologies/outbox-router/outbox_router.h"
#include "topologies/post-metrics/post_metrics.h"
#include "topologies/suggestions/suggestions.h"
#include "topologies/word-count/word_count.h"

namespace millrace::topologies {

std::vector<std::function<absl::StatusOr<Topology>()>> AllTopologies() {
  return {
      BuildActiveUsers,   //
      BuildAffinity,      //
      BuildCdcNormalise,  //
      BuildFeedCache,     //
      BuildFeedFanOut,    //
      BuildFeedRank,      //
      BuildHotPosts,      //
      BuildOutboxRouter,  //
      [] { return BuildPostMetrics(); },
      BuildSuggestions,  //
      BuildWordCount,
  };
}

}  // namespace millrace::topologies
