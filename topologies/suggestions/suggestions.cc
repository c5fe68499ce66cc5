#include "topologies/suggestions/suggestions.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "millrace/copartition.h"
#include "millrace/topology_builder.h"
#include "schemas/topics.h"
#include "topologies/common/erased_users.h"
#include "topologies/common/follower_changes.h"
#include "topologies/suggestions/lists.h"
#include "topologies/suggestions/popular.h"
#include "topologies/suggestions/taste_index.h"

namespace millrace::topologies {
namespace {

using debezium::Change;
using schemas::CacheEntry;
using schemas::Follow;
using schemas::UserId;
using schemas::UserList;
using suggest::FolloweesOf;
using suggest::FollowQuestion;
using suggest::Left;
using suggest::ListBook;
using suggest::Output;
using suggest::Taste;
using suggest::TastersOf;

constexpr Duration kIdle = std::chrono::seconds(5);
// A list that nothing changes is made again when somebody asks (GetSuggested).
constexpr Duration kCachedFor = 2 * suggest::kMakeEvery;

// Of stores whose rows go soon: there are few, so they need no files.
constexpr StoreOptions kInPassing = {.in_memory = true};

void AddStores(TopologyBuilder* flow) {
  flow->AddStore(Store<UserAuthor, int64_t>("affinity"));
  flow->AddStore(Store<suggest::UserCountAuthor, Nothing>("by-count"));
  flow->AddStore(Store<UserAuthor, Nothing>("follows"));
  flow->AddStore(Store<int64_t, suggest::Reader>("readers"));
  flow->AddStore(Store<suggest::Wake, Nothing>("wakes"));
  flow->AddStore(Store<int64_t, UserList>("suggested"));
  flow->AddStore(Store<int64_t, UserList>("popular"));
  flow->AddStore(Store<UserAuthor, int64_t>("published"));
  flow->AddStore(Store<int64_t, suggest::Search>("searches", kInPassing));
  flow->AddStore(Store<suggest::Answer, TastersOf>("taster-answers", kInPassing));
  flow->AddStore(Store<suggest::Answer, FolloweesOf>("followee-answers", kInPassing));
  flow->AddStore(Store<int64_t, suggest::SimilarAuthors>("similar"));
  flow->AddStore(Store<suggest::AuthorUser, Nothing>("similar-of"));
  flow->AddStore(Store<int64_t, int64_t>("recently-left", kInPassing));
  flow->AddStore(Store<suggest::Taster, int64_t>("tasters"));
  flow->AddStore(Store<int64_t, int64_t>("post-authors"));
  flow->AddStore(Store<int64_t, int64_t>("followers"));
  flow->AddStore(Store<int64_t, suggest::HotAuthor>("hot-authors"));
}

// Authors whom nobody follows any more, for all tasks of users.
Stream<UserId, Left> LeftAuthors(const Stream<UserId, FollowerChange>& followers) {
  return followers.Process<suggest::Followers>("followers", {"followers"})
      .Repartition("left-authors", {.partitioner = [](const Left&, int32_t partitions) {
                     return AllPartitions(partitions);
                   }});
}

// The authors of hot posts, by followers, for all tasks of users.
Stream<UserId, UserList> PopularAuthors(TopologyBuilder* flow,
                                        const Stream<UserId, FollowerChange>& followers) {
  const auto posts = flow->From(topics::kNormalPosts);
  posts.Process<suggest::PostAuthors>("post-authors", {"post-authors"});
  const auto hot_posts = flow->From(topics::kHotPosts)
                             .Process<suggest::HotPosts>("hot-posts")
                             .Repartition("hot-by-post");
  CoPartition(hot_posts, posts, "a hot post meets its author");
  const auto hot_authors =
      hot_posts.Process<suggest::HotPostAuthors>("hot-post-authors", {"post-authors"})
          .Repartition("hot-by-author");
  CoPartition(hot_authors, followers, "an author's followers are counted where they are asked for");
  return hot_authors.Process<suggest::HotAuthors>("hot-authors", {"followers"})
      .Repartition("hot-authors", {.partitions = 1})
      .Process<suggest::PopularList>("popular-list", {"hot-authors"})
      .Repartition("popular", {.partitioner = [](const UserList&, int32_t partitions) {
                     return AllPartitions(partitions);
                   }});
}

// The way of a search: to the index by author, back, to the neighbours, and back. `asked` is what
// comes out of the making of lists; what comes out of here are the completed ones.
Stream<UserId, Output> SimilarLists(const Stream<UserId, Output>& asked,
                                    const Stream<UserId, Change<Follow>>& follows) {
  using Kind = Output::Kind;
  constexpr const char* kWhy = "a search meets the list that it is for, or a neighbour's follows";
  const auto tasters =
      asked.Filter([](const Output& output) { return output.kind == Kind::kTaste; })
          .MapValues([](const Output& output) { return output.taste; })
          .Repartition("tastes")
          .Process<suggest::TasteIndex>("taste-index", {"tasters"})
          .Repartition("shared-tastes");
  const auto nearest =
      tasters.Process<suggest::SearchAnswers<TastersOf>>("neighbours", ListBook::Stores());
  const auto questions =
      nearest.Filter([](const Output& output) { return output.kind == Kind::kQuestion; })
          .MapValues([](const Output& output) { return output.question; })
          .Repartition("neighbour-questions");
  const auto followees = questions.Process<suggest::Followees>("followees", {"follows"})
                             .Repartition("neighbour-follows");
  CoPartition(tasters, follows, kWhy);
  CoPartition(questions, follows, kWhy);
  CoPartition(followees, follows, kWhy);
  return followees
      .Process<suggest::SearchAnswers<FolloweesOf>>("similar-authors", ListBook::Stores())
      .Merge(nearest);
}

std::string CacheKey(const UserId& user) { return "suggest:users:" + std::to_string(user.value); }

std::optional<UserList> ListOf(const Output& output) {
  if (output.list.users.empty()) return std::nullopt;
  return output.list;
}

std::optional<CacheEntry> CacheEntryOf(const UserList* list) {
  if (list == nullptr) return std::nullopt;
  return CacheEntry{.written_at = list->at,
                    .ttl_ms = kCachedFor.count(),
                    .value = Serde<UserList>::ToJson(*list)};
}

}  // namespace

absl::StatusOr<Topology> BuildSuggestions() {
  TopologyBuilder flow("suggestions", {.advance_when_idle = kIdle});
  AddStores(&flow);
  const auto affinity = flow.From(topics::kAffinity);
  const auto follows = flow.From(topics::kNormalFollows);
  const auto followers = FollowerChanges(follows);
  const auto left = LeftAuthors(followers);
  const auto popular = PopularAuthors(&flow, followers);
  CoPartition(follows, affinity, "what a user likes meets whom the user follows");
  CoPartition(popular, affinity, "every task of users has the list of popular authors");
  CoPartition(left, affinity, "every task of users hears whom nobody follows");
  const auto made = affinity.Process<suggest::Affinities>("affinities", ListBook::Stores());
  const auto lists =
      made.Merge(SimilarLists(made, follows))
          .Merge(follows.Process<suggest::Follows>("follows", ListBook::Stores()))
          .Merge(popular.Process<suggest::Popular>("popular", ListBook::Stores()))
          .Merge(left.Process<suggest::LeftAuthors>("left-authors", ListBook::Stores()))
          .Filter([](const Output& output) { return output.kind == Output::Kind::kList; })
          .MapValues(ListOf);
  lists.To(topics::kSuggestedUsers);
  lists.MapValues(CacheEntryOf)
      .SelectKey([](const UserId& user, const CacheEntry*) { return CacheKey(user); })
      .To(topics::kCache);
  return std::move(flow).Build();
}

}  // namespace millrace::topologies
