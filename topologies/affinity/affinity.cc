#include "topologies/affinity/affinity.h"

#include <chrono>
#include <string>
#include <utility>

#include "millrace/copartition.h"
#include "millrace/topology_builder.h"
#include "schemas/topics.h"
#include "topologies/affinity/affinities.h"
#include "topologies/affinity/reactions.h"
#include "topologies/affinity/waiting_room.h"

namespace millrace::topologies {
namespace {

using affinity::Fact;
using affinity::LostRecord;
using affinity::PostBook;
using schemas::Affinity;
using schemas::AffinityKey;
using schemas::ClientEvent;
using schemas::ErasureDone;
using schemas::UserErased;
using schemas::UserId;

// A quiet night must not keep what was to leave at midnight.
constexpr Duration kIdle = std::chrono::seconds(10);
constexpr Duration kRemembered = std::chrono::hours(24 * affinity::kDays);

void AddStores(TopologyBuilder* flow) {
  flow->AddStore(Store<int64_t, affinity::PostAuthor>("authors"));
  flow->AddStore(Store<affinity::GonePost, int64_t>("gone-posts"));
  flow->AddStore(StoreOf<affinity::WaitingRoom>("waiting", {.keep_headers = true}));
  flow->AddStore(ErasedUsers::Declare("erased-authors"));
  flow->AddStore(Store<affinity::Pair, affinity::Total>("affinity"));
  flow->AddStore(Store<affinity::DayOfPair, int32_t>("days"));
  flow->AddStore(ErasedUsers::Declare("erased-users"));
}

Stream<UserId, UserErased> ToAllTasks(const Stream<UserId, UserErased>& erased, std::string topic) {
  return erased.Repartition(std::move(topic),
                            {.partitioner = [](const UserErased&, int32_t partitions) {
                              return AllPartitions(partitions);
                            }});
}

void SendLost(const Stream<std::string, LostRecord>& lost) {
  using affinity::Source;
  const auto letters = [](const Stream<std::string, LostRecord>& from, const char* topic) {
    from.MapValues(&LostRecord::value).To(Topic<std::string, std::string>(topic));
  };
  const auto [likes, comments, events] =
      lost.Split()
          .Branch([](const LostRecord& record) { return record.source == Source::kLikes; })
          .Branch([](const LostRecord& record) { return record.source == Source::kComments; })
          .Default();
  letters(likes, "likes.n-dlq");
  letters(comments, "comments.n-dlq");
  letters(events, "events-dlq");
}

// The half by post: facts about users.
Stream<UserId, Fact> Interactions(TopologyBuilder* flow, const Stream<UserId, UserErased>& erased) {
  const auto posts = flow->From(topics::kNormalPosts);
  const auto authors = posts.Process<affinity::PostAuthors>("post-authors", PostBook::Stores());
  SendLost(posts.Process<affinity::LostReactions>("lost-reactions", {"waiting"}));
  const auto liked = flow->From(topics::kNormalLikes);
  const auto commented = flow->From(topics::kNormalComments);
  const auto shared = flow->From(topics::kEvents)
                          .Process<affinity::ShareFacts>("share-facts")
                          .Repartition("shares-by-post")
                          .Deduplicate("share-ids", kRemembered, &ClientEvent::id);
  const auto to_forget = ToAllTasks(erased, "erased-by-post");
  constexpr const char* kWhy = "reactions find the author of their post in their own task";
  CoPartition(liked, posts, kWhy);
  CoPartition(commented, posts, kWhy);
  CoPartition(shared, posts, kWhy);
  CoPartition(to_forget, posts, kWhy);
  const auto likes = liked.Process<affinity::Likes>("likes", PostBook::Stores());
  const auto comments = commented.Process<affinity::Comments>("comments", PostBook::Stores());
  const auto shares = shared.Process<affinity::Shares>("shares", PostBook::Stores());
  to_forget.Process<affinity::ForgetAuthors>("forget-authors", PostBook::Stores())
      .To(topics::kErasureDone);
  return authors.Merge(likes).Merge(comments).Merge(shares);
}

}  // namespace

absl::StatusOr<Topology> BuildAffinity() {
  TopologyBuilder flow("affinity", {.advance_when_idle = kIdle});
  AddStores(&flow);
  const auto erased = flow.From(topics::kUserErased);
  const auto by_user = Interactions(&flow, erased).Repartition("by-user");
  const auto to_erase = ToAllTasks(erased, "erased-by-user");
  CoPartition(to_erase, by_user, "an erasure meets what is counted of the user");
  const auto counted =
      by_user.Process<affinity::Affinities>("affinities", {"affinity", "days", "erased-users"});
  to_erase.Process<affinity::ErasureReports>("erasure-reports", {"affinity"})
      .To(topics::kErasureDone);
  to_erase
      .Process<affinity::EraseAffinities>("erase-affinities", {"affinity", "days", "erased-users"})
      .Merge(counted)
      .To(topics::kAffinity,
          {.partitioner = [](const AffinityKey& key, const Affinity*, int32_t partitions) {
            return PartitionOf(UserId{key.user}, partitions);
          }});
  return std::move(flow).Build();
}

}  // namespace millrace::topologies
