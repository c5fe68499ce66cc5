#include "topologies/feed-cache/queries.h"

#include "topologies/feed-cache/page_source.h"

namespace millrace::topologies {

absl::StatusOr<FeedPage> GetFeedPage(Engine* engine, const FeedPageRequest& request,
                                     Timestamp now) {
  return PageSourceOf(engine)->Compute(request, now);
}

}  // namespace millrace::topologies
