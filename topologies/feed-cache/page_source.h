// PageSource: where FeedPages gets what it serves. The real one reads an engine of feed-cache.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "millrace/engine.h"
#include "topologies/feed-cache/facts.h"
#include "topologies/feed-cache/page.h"
#include "topologies/feed-cache/page_cache.h"

namespace millrace::topologies {

// Thread-safe. Errors: Unavailable, when the stores cannot be read now.
class PageSource {
 public:
  virtual ~PageSource() = default;
  virtual absl::StatusOr<cache::FeedVersion> VersionOf(int64_t user) = 0;
  // The page that was written ahead of time, if the user is an active one: the first twenty.
  virtual absl::StatusOr<std::optional<CachedPage>> WarmedPage(int64_t user) = 0;
  // InvalidArgument as MakePage.
  virtual absl::StatusOr<FeedPage> Compute(const FeedPageRequest& request, Timestamp now) = 0;
  // Posts of the hot board of the day, which do not depend on the user's feed.
  virtual absl::StatusOr<FeedPage> HotPage(const FeedPageRequest& request, Timestamp now) = 0;
};

// Reads the committed rows of the engine, which is borrowed.
std::unique_ptr<PageSource> PageSourceOf(Engine* engine);

}  // namespace millrace::topologies
