// The rule of the feeds: which posts of an author are in the feed of a user who follows them. It
// looks at the rows that there are and at nothing else, so it does not matter in which order the
// rows came.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>

#include "millrace/time.h"

namespace millrace::topologies::feed {

// A follow brings posts that are so much older than it is...
inline constexpr Duration kBackfill = std::chrono::hours(72);
// ...but no more than so many of them, the newest.
inline constexpr size_t kBackfillPosts = 100;
// The newest entries of all that a user may have: these are the feed.
inline constexpr int32_t kFeedRows = 800;

// The place of a post among others: the greater, the newer.
struct PostAt {
  Timestamp created_at;
  int64_t post = 0;
  auto operator<=>(const PostAt&) const = default;
};

// "There are not so many posts that are newer."
inline constexpr Timestamp kNever = Timestamp::max();

// Whether a post of an author is for somebody who follows them since `followed_at`. `hundredth` is
// when the hundredth of the author's posts that are newer than this one was created: if that was
// before the follow, the follow brings a hundred newer ones instead.
constexpr bool IsEligible(Timestamp created_at, Timestamp followed_at, Timestamp hundredth) {
  if (created_at >= followed_at) return true;
  return created_at >= followed_at - kBackfill && hundredth >= followed_at;
}

}  // namespace millrace::topologies::feed
