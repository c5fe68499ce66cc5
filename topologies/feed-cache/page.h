// Pages of a feed: candidates from three sources, in order, cut into pages that do not shift while
// somebody turns them. Pure functions over a view of the stores. Thread: any.
//
//   F1  followed    entries of the user's feed, and posts of followed authors who are not pushed;
//                   the newest 500 of 72 hours
//   F2  trending    posts of the day's hot board
//   F3  affinity    posts of 72 hours by the authors whom the user reacts to most, 200
//
// A post that several sources have is labelled with the first of them; its score is the same.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "millrace/time.h"
#include "topologies/common/ranking/kinetic_ranking.h"
#include "topologies/feed-cache/facts.h"

namespace millrace::topologies {

// In the order of precedence.
enum class FeedLabel : uint8_t { kFollowed, kTrending, kAffinity };
std::string_view FeedLabelName(FeedLabel label);

enum class FeedOrder : uint8_t {
  kScore,          // GET /api/v1/feed: by raw score alone
  kFollowedFirst,  // GET /api/v1/posts: followed authors first, by raw score within
};

struct FeedPageRequest {
  int64_t user = 0;
  FeedOrder order = FeedOrder::kScore;
  int64_t offset = 0;  // without a cursor
  int64_t limit = 20;
  std::string cursor;  // FeedPage::next of the page before
};

struct FeedItem {
  int64_t post = 0;
  int64_t author = 0;
  Timestamp created_at;
  FeedLabel label = FeedLabel::kFollowed;
  double raw = 0;
  double relevance = 0;
  Fixed engagement = 0;
  Fixed affinity = 0;
};

struct FeedPage {
  Timestamp at;  // all pages of one reading are scored at the same time
  std::vector<FeedItem> items;
  std::string next;  // empty: this is the last page
  // If nothing happens, the page is the same until then.
  Timestamp valid_until;
};

namespace cache {

inline constexpr Duration kFresh = std::chrono::hours(72);
inline constexpr size_t kMostFollowed = 500;
inline constexpr size_t kMostTrending = 200;
inline constexpr size_t kMostAffinity = 200;
inline constexpr int64_t kLongestPage = 100;

// What pages are made of. Visits end when `visit` returns false.
class FeedView {
 public:
  virtual ~FeedView() = default;
  // Newest first.
  virtual void Entries(int64_t user,
                       const std::function<bool(const Entry&, int64_t author)>& visit) const = 0;
  virtual void PulledAuthors(int64_t user, const std::function<void(int64_t)>& visit) const = 0;
  virtual void Affinities(
      int64_t user, const std::function<void(int64_t author, int64_t count)>& visit) const = 0;
  virtual std::optional<PostFact> Post(int64_t post) const = 0;
  // Newest first.
  virtual void PostsOf(
      int64_t author,
      const std::function<bool(int64_t post, const PostFact& fact)>& visit) const = 0;
  virtual void HotPosts(const std::function<bool(int64_t post)>& visit) const = 0;
  virtual Fixed EngagementOf(int64_t post) const = 0;
};

// InvalidArgument: a cursor that no page gave, a limit outside 1 … 100, a negative offset.
absl::StatusOr<FeedPage> MakePage(const FeedView& view, const FeedPageRequest& request,
                                  Timestamp now);
// What is shown when a feed cannot be: public posts of the hot board, in its order, without a
// cursor. Errors as MakePage.
absl::StatusOr<FeedPage> MakeHotPage(const FeedView& view, const FeedPageRequest& request,
                                     Timestamp now);

}  // namespace cache
}  // namespace millrace::topologies
