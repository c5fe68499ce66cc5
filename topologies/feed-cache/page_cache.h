// PageCache: pages of feeds as JSON, under the keys feed:v1:{user}:{offset}:{limit}.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "millrace/time.h"
#include "topologies/feed-cache/cached_page.h"
#include "topologies/feed-cache/page.h"

namespace millrace::topologies {

// The key of the page, if it is one that is cached: no cursor, and by score.
std::optional<std::string> PageKey(const FeedPageRequest& request);

// What HTTP answers, and what lies in cache.v1:
//   {"at":"…","posts":[{"post_id":7,"author_id":3,"created_at":"…","relevance_score":0.4,
//   "source":"followed"},…],"next_cursor":"…"}
std::string PageJson(const FeedPage& page);

// Thread-safe. Errors: Unavailable, when it is elsewhere and cannot be reached.
class PageCache {
 public:
  virtual ~PageCache() = default;
  // Also pages that have expired, for a while: better than none when nothing else can be had.
  virtual absl::StatusOr<std::optional<CachedPage>> Get(const std::string& key) = 0;
  virtual absl::Status Put(const std::string& key, const CachedPage& page) = 0;
};

// In this process. The page that was put the longest time ago goes first: when there are more than
// `max_pages`, and when it is older than kKept.
class MemoryPageCache final : public PageCache {
 public:
  static constexpr Duration kKept = std::chrono::minutes(5);

  explicit MemoryPageCache(size_t max_pages) : max_pages_(max_pages) {}

  absl::StatusOr<std::optional<CachedPage>> Get(const std::string& key) override;
  absl::Status Put(const std::string& key, const CachedPage& page) override;
  size_t size() const;

 private:
  struct Written {
    std::string key;
    Timestamp at;
    uint64_t number = 0;
  };
  struct Held {
    CachedPage page;
    uint64_t number = 0;  // of the call that put it
  };
  void DropOldest();

  const size_t max_pages_;
  mutable std::mutex mutex_;
  uint64_t puts_ = 0;
  absl::flat_hash_map<std::string, Held> pages_;
  std::deque<Written> order_;  // those that were replaced since are skipped
};

}  // namespace millrace::topologies
