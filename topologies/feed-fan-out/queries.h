// Queries: what feed-fan-out knows, for who asks an engine that runs it. They see what the last
// commits left and disturb no task; two stores that one query looks into may be a commit apart.
//
// The engine has to run all tasks of the topology itself: what it does not run looks empty.
// Thread-safe. Nothing is written. Errors: InvalidArgument: an id below 1, a limit out of range;
// NotFound: the engine runs another topology; Unavailable: it does not run; DataLoss: damaged rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "millrace/engine.h"
#include "schemas/feed_entry.h"
#include "schemas/ids.h"
#include "topologies/feed-fan-out/rule.h"

namespace millrace::topologies::feed {

inline constexpr size_t kFollowersPageMax = 10'000;

struct Follower {
  int64_t user = 0;
  Timestamp followed_at;
  bool operator==(const Follower&) const = default;
};
struct FollowersPage {
  std::vector<Follower> followers;  // in the order of their ids
  std::optional<int64_t> next;      // what `after` has to be for the next page, if there is one
};
struct FollowersRequest {
  std::optional<int64_t> after;  // only followers with a greater id
  size_t limit = 100;            // 1 to kFollowersPageMax
};
// Who follows the user. Nobody: an empty page.
absl::StatusOr<FollowersPage> GetFollowers(Engine* engine, schemas::UserId user,
                                           const FollowersRequest& request = {});

struct FeedPage {
  std::vector<schemas::FeedEntry> entries;  // newest first: by created_at, then by post
  std::optional<PostAt> next;               // as FollowersPage::next
};
struct FeedRequest {
  std::optional<PostAt> after;  // only entries that are older; a page stays where it is so
  size_t offset = 0;            // so many of them are left out
  size_t limit = 20;            // 1 to kFeedRows
};
// The user's feed: what is written in it, and the posts of authors who are pulled.
absl::StatusOr<FeedPage> GetFeed(Engine* engine, schemas::UserId user,
                                 const FeedRequest& request = {});

}  // namespace millrace::topologies::feed
