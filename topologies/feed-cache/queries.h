// Reads of a running feed-cache engine. Thread: any. Errors: those of store_reader.h, and
// InvalidArgument where the request is not one.
#pragma once

#include "absl/status/statusor.h"
#include "millrace/engine.h"
#include "topologies/feed-cache/page.h"

namespace millrace::topologies {

// A page of the user's feed, computed from the stores; feed_pages.h is the way over the cache.
// Without a cursor it is scored at `now`; with one, at the time of the
// first page, so that what comes behind a page is the next one, whatever time it is.
absl::StatusOr<FeedPage> GetFeedPage(Engine* engine, const FeedPageRequest& request, Timestamp now);

}  // namespace millrace::topologies
