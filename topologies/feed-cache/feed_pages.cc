#include "topologies/feed-cache/feed_pages.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "topologies/feed-cache/readers.h"

namespace millrace::topologies {
namespace {

// In the order of PagePath, and two more.
constexpr std::array<const char*, 6> kPathNames = {"cache", "computed", "stale",
                                                   "hot",   "shared",   "none"};
constexpr size_t kShared = 4;
constexpr size_t kNone = 5;
constexpr std::array<const char*, 4> kMissNames = {"absent", "expired", "changed", "unavailable"};

std::string FlightKey(const FeedPageRequest& request) {
  return absl::StrCat(request.user, ":", static_cast<int>(request.order), ":", request.offset, ":",
                      request.limit, ":", request.cursor);
}

bool IsFirstWarmed(const FeedPageRequest& request) {
  return request.offset == 0 && request.limit == cache::kWarmedLimit;
}

double Seconds(std::chrono::nanoseconds span) {
  return std::chrono::duration<double>(span).count();
}

}  // namespace

FeedPages::FeedPages(Engine* engine, const Options& options)
    : FeedPages(PageSourceOf(engine), engine->metrics(), options) {}

FeedPages::FeedPages(std::unique_ptr<PageSource> source, MetricsRegistry* metrics,
                     const Options& options)
    : source_(std::move(source)),
      clock_(options.clock),
      own_cache_(options.cache != nullptr ? nullptr
                                          : std::make_unique<MemoryPageCache>(options.max_pages)),
      cache_(options.cache != nullptr ? options.cache : own_cache_.get()) {
  const MetricLabels labels = {{"topology", options.topology}};
  const auto with = [&labels](const char* name, const char* value) {
    MetricLabels more = labels;
    more[name] = value;
    return more;
  };
  for (size_t i = 0; i < kPathNames.size(); ++i) {
    const MetricLabels path = with("path", kPathNames[i]);
    paths_[i] = {.count = metrics->counter("feed_page_total", path),
                 .seconds = metrics->histogram("feed_page_seconds", path)};
  }
  for (size_t i = 0; i < kMissNames.size(); ++i) {
    misses_[i] = metrics->counter("feed_cache_miss_total", with("reason", kMissNames[i]));
  }
  hits_ = metrics->counter("feed_cache_hit_total", labels);
  stale_seconds_ = metrics->histogram("feed_stale_seconds", labels);
}

absl::StatusOr<ServedPage> FeedPages::Read(const FeedPageRequest& request) {
  const std::chrono::nanoseconds began = clock_->Monotonic();
  const std::optional<std::string> key = PageKey(request);
  if (key.has_value()) {
    const Timestamp now = clock_->Now();
    const Found found = LookUp(*key, request, now);
    CountLookUp(found);
    if (!found.miss.has_value()) {
      absl::StatusOr<ServedPage> page = FromCache(*found.page, PagePath::kCache, now);
      Count(page, began);
      return page;
    }
  }
  auto outcome = flights_.Do(FlightKey(request), [&] { return Make(key.value_or(""), request); });
  if (outcome.result.ok()) outcome.result->shared = outcome.shared;
  Count(outcome.result, began);
  return std::move(outcome.result);
}

FeedPages::Found FeedPages::LookUp(const std::string& key, const FeedPageRequest& request,
                                   Timestamp now) {
  absl::StatusOr<std::optional<CachedPage>> cached = cache_->Get(key);
  const bool reached = cached.ok();
  Found found{.miss = Miss::kUnavailable};
  if (reached) found = Judge(*std::move(cached), request, now);
  if (!found.miss.has_value() || !IsFirstWarmed(request)) return found;
  absl::StatusOr<std::optional<CachedPage>> warmed = source_->WarmedPage(request.user);
  if (!warmed.ok() || !warmed->has_value()) return found;
  Found ahead = Judge(*std::move(warmed), request, now);
  // A page that is not right any more may still be the better one to fall back on.
  if (ahead.miss.has_value() && found.page.has_value()) return found;
  if (!ahead.miss.has_value() && reached) (void)cache_->Put(key, *ahead.page);
  return ahead;
}

FeedPages::Found FeedPages::Judge(std::optional<CachedPage> page, const FeedPageRequest& request,
                                  Timestamp now) {
  if (!page.has_value()) return {.miss = Miss::kAbsent};
  if (page->expires <= now) return {.page = std::move(page), .miss = Miss::kExpired};
  const absl::StatusOr<cache::FeedVersion> version = source_->VersionOf(request.user);
  if (!version.ok()) return {.page = std::move(page), .miss = Miss::kUnavailable};
  const bool changed = version->has_news || version->told_at > page->version;
  if (changed) return {.page = std::move(page), .miss = Miss::kChanged};
  return {.page = std::move(page)};
}

// The first of computed, stale and hot that can be had. `key`: empty for pages that are not cached.
absl::StatusOr<ServedPage> FeedPages::Make(const std::string& key, const FeedPageRequest& request) {
  const Timestamp now = clock_->Now();
  Found found;
  if (!key.empty()) {  // again: the call before may have made it while this one looked
    found = LookUp(key, request, now);
    if (!found.miss.has_value()) return FromCache(*found.page, PagePath::kCache, now);
  }
  // Before the page, so that it is never taken to know more than it does.
  const absl::StatusOr<cache::FeedVersion> version = source_->VersionOf(request.user);
  const absl::StatusOr<FeedPage> page = source_->Compute(request, now);
  if (page.ok()) {
    ServedPage served{.json = PageJson(*page), .path = PagePath::kComputed, .written_at = now};
    if (!key.empty() && version.ok() && !version->has_news) {
      const CachedPage entry{.version = version->told_at,
                             .written_at = now,
                             .expires = std::min(now + cache::kPageLives, page->valid_until),
                             .json = served.json};
      (void)cache_->Put(key, entry);  // a cache that is gone is only slower
    }
    return served;
  }
  if (absl::IsInvalidArgument(page.status())) return page.status();
  if (found.page.has_value() && found.page->written_at + MemoryPageCache::kKept >= now) {
    return FromCache(*found.page, PagePath::kStale, now);
  }
  if (!request.cursor.empty()) return page.status();  // in the middle of another list
  const absl::StatusOr<FeedPage> hot = source_->HotPage(request, now);
  if (!hot.ok()) return page.status();
  return ServedPage{.json = PageJson(*hot), .path = PagePath::kHot, .written_at = now};
}

ServedPage FeedPages::FromCache(const CachedPage& page, PagePath path, Timestamp now) {
  const Duration age = std::max(Duration(0), now - page.written_at);
  stale_seconds_->Observe(Seconds(age));
  return {.json = page.json, .path = path, .written_at = page.written_at};
}

void FeedPages::CountLookUp(const Found& found) {
  const std::scoped_lock lock(counting_);
  (found.miss.has_value() ? misses_[static_cast<size_t>(*found.miss)] : hits_)->Add();
}

void FeedPages::Count(const absl::StatusOr<ServedPage>& page, std::chrono::nanoseconds began) {
  size_t path = kNone;
  if (page.ok()) path = page->shared ? kShared : static_cast<size_t>(page->path);
  paths_[path].seconds->Observe(Seconds(clock_->Monotonic() - began));
  const std::scoped_lock lock(counting_);
  paths_[path].count->Add();
}

}  // namespace millrace::topologies
