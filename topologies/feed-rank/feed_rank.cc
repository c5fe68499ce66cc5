#include "topologies/feed-rank/feed_rank.h"

#include <chrono>
#include <utility>

#include "millrace/copartition.h"
#include "millrace/topology_builder.h"
#include "schemas/topics.h"
#include "topologies/feed-rank/feeds.h"
#include "topologies/feed-rank/interests.h"

namespace millrace::topologies {
namespace {

using rank::FeedBook;
using rank::HolderNews;
using schemas::FeedKey;
using schemas::UserFeedRow;
using schemas::UserId;

// Feeds grow old also when nothing happens.
constexpr Duration kIdle = std::chrono::seconds(5);

void AddStores(TopologyBuilder* flow) {
  flow->AddStore(Store<rank::FeedPost, rank::FeedRow>("feed"));
  flow->AddStore(Store<rank::Holder, Nothing>("holders"));
  flow->AddStore(Store<int64_t, rank::HeldPost>("held-posts"));
  flow->AddStore(Store<rank::ReaderAuthor, Fixed>("reader-affinity"));
  flow->AddStore(Store<int64_t, rank::Reader>("readers"));
  flow->AddStore(Store<rank::Wake, Nothing>("wakes"));
  flow->AddStore(Store<int64_t, Fixed>("engagement-by-post"));
  flow->AddStore(Store<int64_t, rank::PartitionBits>("interested"));
}

}  // namespace

absl::StatusOr<Topology> BuildFeedRank() {
  TopologyBuilder flow("feed-rank", {.advance_when_idle = kIdle});
  AddStores(&flow);
  const auto entries = flow.From(topics::kFeedEntries);
  const auto rows = entries.Process<rank::FeedRows>("feed-rows", FeedBook::Stores());
  const auto interest =
      entries.Process<rank::Holders>("holders", FeedBook::Stores()).Repartition("interest");
  const auto engagement = flow.From(topics::kPostEngagement);
  CoPartition(interest, engagement, "a post's engagement meets those who hold it");
  const auto asked =
      interest.Process<rank::Interests>("interests", {"engagement-by-post", "interested"});
  const auto news =
      engagement
          .Process<rank::PostEngagements>("post-engagements", {"engagement-by-post", "interested"})
          .Merge(asked)
          .Repartition("engagement-by-holder", {.partitioner = [](const HolderNews& told, int32_t) {
                         return PartitionId(told.partition);
                       }});
  CoPartition(news, entries, "engagement goes to the partitions of feeds");
  news.Process<rank::HeldEngagements>("held-engagements", FeedBook::Stores());
  const auto affinity = flow.From(topics::kAffinity);
  CoPartition(affinity, entries, "a reader's affinities meet the reader's feed");
  affinity.Process<rank::ReaderAffinities>("reader-affinities", FeedBook::Stores());
  rows.To(topics::kUserFeeds,
          {.partitioner = [](const FeedKey& key, const UserFeedRow*, int32_t partitions) {
            return PartitionOf(UserId{key.user}, partitions);
          }});
  return std::move(flow).Build();
}

}  // namespace millrace::topologies
