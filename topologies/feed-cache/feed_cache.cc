#include "topologies/feed-cache/feed_cache.h"

#include <memory>
#include <utility>

#include "millrace/copartition.h"
#include "millrace/topology_builder.h"
#include "schemas/topics.h"
#include "topologies/common/erased_users.h"
#include "topologies/common/follower_changes.h"
#include "topologies/feed-cache/knowledge.h"
#include "topologies/feed-cache/readers.h"

namespace millrace::topologies {
namespace {

using cache::Celebrity;
using cache::StoreView;
using debezium::Change;
using schemas::Follow;
using schemas::UserId;

void AddStores(TopologyBuilder* flow) {
  flow->AddStore(Store<cache::Entry, int64_t>("entries"));
  flow->AddStore(Store<cache::EntryKey, int64_t>("entry-times"));
  flow->AddStore(Store<UserAuthor, int64_t>("affinity"));
  flow->AddStore(Store<UserAuthor, Nothing>("follows"));
  flow->AddStore(Store<int64_t, Nothing>("celebrities"));
  flow->AddStore(Store<int64_t, Nothing>("dirty"));
  flow->AddStore(Store<int64_t, cache::FeedVersion>("versions"));
  flow->AddStore(Store<int64_t, cache::WrittenPage>("pages"));
  flow->AddStore(Store<int64_t, cache::FollowerCount>("follower-counts"));
  flow->AddGlobalStore<cache::KeepPosts>(Store<cache::PostIndexKey, cache::PostFact>("posts"),
                                         topics::kNormalPosts);
  flow->AddGlobalStore<cache::KeepEngagement>(Store<int64_t, Fixed>("engagement"),
                                              topics::kPostEngagement);
  flow->AddGlobalStore<cache::KeepHot>(Store<int64_t, schemas::HotBoard>("hot"),
                                       topics::kHotPostsOfDay);
}

// Authors with, at some time, too many followers to push to all of them; for all tasks of users.
Stream<UserId, Celebrity> CelebritiesAmong(const Stream<UserId, Change<Follow>>& follows,
                                           const FeedCacheOptions& options) {
  return FollowerChanges(follows)
      .Process(
          "follower-counts", {"follower-counts"},
          [options] { return std::make_unique<cache::FollowerCounts>(options.celebrities_from); })
      .Repartition("celebrities", {.partitioner = [](const Celebrity&, int32_t partitions) {
                     return AllPartitions(partitions);
                   }});
}

}  // namespace

absl::StatusOr<Topology> BuildFeedCache() { return BuildFeedCacheWith({}); }

absl::StatusOr<Topology> BuildFeedCacheWith(FeedCacheOptions options) {
  TopologyBuilder flow("feed-cache");
  AddStores(&flow);
  flow.GlobalTableFrom(topics::kActiveUsers, "active");
  const auto entries = flow.From(topics::kFeedEntries);
  const auto affinity = flow.From(topics::kAffinity);
  const auto follows = flow.From(topics::kNormalFollows);
  const auto celebrities = CelebritiesAmong(follows, options);
  constexpr const char* kWhy = "what a page is made of lies in the task of its reader";
  CoPartition(affinity, entries, kWhy);
  CoPartition(follows, entries, kWhy);
  CoPartition(celebrities, entries, kWhy);
  auto warmed_by = StoreView::Stores();
  warmed_by.emplace_back("active");
  const auto stores = StoreView::Stores();
  entries.Process<cache::Warmer>("warmer", warmed_by)
      .Merge(affinity.Process<cache::Tastes>("tastes", stores))
      .Merge(follows.Process<cache::Follows>("follows", stores))
      .Merge(celebrities.Process<cache::Celebrities>("celebrities", stores))
      .To(topics::kCache);
  return std::move(flow).Build();
}

}  // namespace millrace::topologies
