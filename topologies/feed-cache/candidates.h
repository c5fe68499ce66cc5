// The posts that a feed may show at a time, each once.
#pragma once

#include <vector>

#include "absl/container/flat_hash_map.h"
#include "topologies/feed-cache/page.h"

namespace millrace::topologies::cache {

struct Candidate {
  RankedPost post;
  FeedLabel label = FeedLabel::kFollowed;
};

// Without the user's own posts, posts of strangers that are for followers only, and posts that were
// not made yet.
std::vector<Candidate> CandidatesOf(const FeedView& view, int64_t user, Timestamp at);

}  // namespace millrace::topologies::cache
