// The board of the hour as a cache holds it: key hot:posts:1h of cache.v1. Pure.
#pragma once

#include <string_view>

#include "schemas/cache_entry.h"
#include "schemas/hot_board.h"

namespace millrace::topologies::hot {

inline constexpr std::string_view kCacheKey = "hot:posts:1h";
// Two boards: when none comes any more, none is shown.
inline constexpr int64_t kCacheTtlMs = 120'000;

// A JSON array of {post_id, score, likes, comments, shares, impressions, rank}, best first; [] when
// nothing is hot.
schemas::CacheEntry CachedBoard(const schemas::HotBoard& board);

}  // namespace millrace::topologies::hot
