// The rule of the feeds, without streams: what the tables of posts and follows say. It is written
// down a second time here, as naively as can be.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "tests/topology/feeds_of.h"

namespace millrace::topologies {

struct RuleTables {
  struct PostRow {
    int64_t author = 0;
    Timestamp created_at;
  };
  std::map<std::pair<int64_t, int64_t>, Timestamp> follows;  // (user, author) -> created_at
  std::map<int64_t, PostRow> posts;                          // those that others may see
};

// What a follow of the author at `followed_at` gives, newest first.
inline std::vector<std::pair<Timestamp, int64_t>> EligibleByRule(const RuleTables& tables,
                                                                 int64_t author,
                                                                 Timestamp followed_at) {
  std::vector<std::pair<Timestamp, int64_t>> since;
  std::vector<std::pair<Timestamp, int64_t>> before;
  for (const auto& [post, row] : tables.posts) {
    if (row.author != author) continue;
    if (row.created_at >= followed_at) {
      since.emplace_back(row.created_at, post);
    } else if (row.created_at >= followed_at - std::chrono::hours(72)) {
      before.emplace_back(row.created_at, post);
    }
  }
  std::sort(before.rbegin(), before.rend());
  if (before.size() > 100) before.resize(100);
  since.insert(since.end(), before.begin(), before.end());
  return since;
}

inline FeedSet FeedsByRule(const RuleTables& tables) {
  std::map<int64_t, std::vector<std::pair<Timestamp, int64_t>>> feeds;
  for (const auto& [follow, followed_at] : tables.follows) {
    for (const auto& post : EligibleByRule(tables, follow.second, followed_at)) {
      feeds[follow.first].push_back(post);
    }
  }
  FeedSet entries;
  for (auto& [user, feed] : feeds) {
    std::sort(feed.rbegin(), feed.rend());
    if (feed.size() > 800) feed.resize(800);
    for (const auto& [time, post] : feed) entries.insert({user, post});
  }
  return entries;
}

}  // namespace millrace::topologies
