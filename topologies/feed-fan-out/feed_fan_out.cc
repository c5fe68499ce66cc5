#include "topologies/feed-fan-out/feed_fan_out.h"

#include <utility>

#include "millrace/topology_builder.h"
#include "schemas/topics.h"
#include "topologies/feed-fan-out/author_facts.h"
#include "topologies/feed-fan-out/fan_out.h"
#include "topologies/feed-fan-out/feeds.h"

namespace millrace::topologies {

absl::StatusOr<Topology> BuildFeedFanOut() {
  using schemas::FeedEntry;
  using schemas::FeedKey;
  TopologyBuilder flow("feed-fan-out");
  flow.AddStore(Store<int64_t, PostKept>("posts"));
  flow.AddStore(Store<AuthorPost, RowTime>("posts-by-author"));
  flow.AddStore(Store<AuthorFollower, RowTime>("followers-by-author"));
  flow.AddStore(Store<FeedPosition, FeedEntry>("feeds"));

  auto posts = flow.From(topics::kPosts).Process<PostFacts>("post-facts", {"posts"});
  auto follows = flow.From(topics::kFollows).Process<FollowFacts>("follow-facts");
  posts.Merge(follows)
      .Repartition("by-author")
      .Process<FanOut>("fan-out", {"posts-by-author", "followers-by-author"})
      .Repartition("by-user")
      .Process<Feeds>("feed-entries", {"feeds"})
      .To(topics::kFeedEntries,
          {.partitioner = [](const FeedKey& key, const FeedEntry*, int32_t partitions) {
            return PartitionOf(schemas::UserId{key.user}, partitions);
          }});
  return std::move(flow).Build();
}

}  // namespace millrace::topologies
