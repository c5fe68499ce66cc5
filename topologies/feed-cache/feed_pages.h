// FeedPages: how an application reads pages of feeds. It takes, in this order,
//
//   cache      a cached page that is still right: it has not expired, and nothing of the user has
//              changed since
//   computed   a page from the stores of the engine; calls for the same page at the same time
//              compute it once
//   stale      the stores cannot be read: a cached page that is not right any more, at most
//              MemoryPageCache::kKept old
//   hot        there is none: the hot board of the day
//
// and counts each. A cache that cannot be reached is passed over.
//
// Metrics, in the engine's registry, with the label `topology`: feed_page_total{path} and
// feed_page_seconds{path} (path: as above; "shared": computed by another call; "none": an error),
// feed_cache_hit_total, feed_cache_miss_total{reason} (absent, expired, changed, unavailable),
// feed_stale_seconds (age of pages that came from the cache).
//
// Thread: any. Ownership: borrows the engine or the registry, the cache and the clock. One for each
// engine. Errors: InvalidArgument as MakePage; that of the stores, when nothing is left to serve.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "millrace/engine.h"
#include "millrace/metrics.h"
#include "millrace/time.h"
#include "topologies/feed-cache/page_cache.h"
#include "topologies/feed-cache/page_source.h"
#include "topologies/feed-cache/single_flight.h"

namespace millrace::topologies {

enum class PagePath : uint8_t { kCache, kComputed, kStale, kHot };

struct ServedPage {
  std::string json;  // PageJson
  PagePath path = PagePath::kComputed;
  Timestamp written_at;
  bool shared = false;  // another call computed it
};

class FeedPages {
 public:
  struct Options {
    const Clock* clock = Clock::System();
    PageCache* cache = nullptr;  // null: one in memory, of `max_pages` pages
    size_t max_pages = 10'000;
    std::string topology = "feed-cache";  // for the label
  };

  FeedPages(Engine* engine, const Options& options);
  FeedPages(std::unique_ptr<PageSource> source, MetricsRegistry* metrics, const Options& options);

  absl::StatusOr<ServedPage> Read(const FeedPageRequest& request);

  // Calls that wait for the page of another one at the moment.
  int waiting() const { return flights_.waiting(); }

 private:
  enum class Miss : uint8_t { kAbsent, kExpired, kChanged, kUnavailable };
  struct Found {
    std::optional<CachedPage> page;
    std::optional<Miss> miss;  // none: the page is right
  };
  struct Path {
    Counter* count = nullptr;
    Histogram* seconds = nullptr;
  };

  Found LookUp(const std::string& key, const FeedPageRequest& request, Timestamp now);
  Found Judge(std::optional<CachedPage> page, const FeedPageRequest& request, Timestamp now);
  absl::StatusOr<ServedPage> Make(const std::string& key, const FeedPageRequest& request);
  ServedPage FromCache(const CachedPage& page, PagePath path, Timestamp now);
  void Count(const absl::StatusOr<ServedPage>& page, std::chrono::nanoseconds began);
  void CountLookUp(const Found& found);

  const std::unique_ptr<PageSource> source_;
  const Clock* clock_;
  std::unique_ptr<PageCache> own_cache_;
  PageCache* cache_;
  SingleFlight<absl::StatusOr<ServedPage>> flights_;

  std::mutex counting_;  // a counter has one writer at a time
  std::array<Path, 6> paths_;
  std::array<Counter*, 4> misses_;
  Counter* hits_;
  Histogram* stale_seconds_;
};

}  // namespace millrace::topologies
