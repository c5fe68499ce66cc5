#include "topologies/hot-posts/hot_posts.h"

#include <memory>
#include <utility>

#include "millrace/topology_builder.h"
#include "schemas/topics.h"
#include "topologies/hot-posts/event_time.h"
#include "topologies/hot-posts/minute_clock.h"
#include "topologies/hot-posts/part_boards.h"
#include "topologies/hot-posts/row_facts.h"
#include "topologies/hot-posts/whole_board.h"

namespace millrace::topologies {
namespace {

void AddStores(TopologyBuilder* flow) {
  flow->AddStore(Store<hot::LikeId, hot::Reaction>("likes"));
  flow->AddStore(Store<std::string, hot::Reaction>("comments"));
  flow->AddStore(Store<int64_t, hot::PostLife>("posts"));
  flow->AddStore(Store<hot::PostMinute, hot::Counts>("minutes"));
  flow->AddStore(Store<hot::Removal, int32_t>("removals"));
  flow->AddStore(Store<int32_t, hot::Progress>("progress"));
  flow->AddStore(Store<int32_t, schemas::HotBoard>("parts"));
}

}  // namespace

absl::StatusOr<Topology> BuildHotPosts() {
  TopologyBuilder flow("hot-posts");
  AddStores(&flow);
  auto posts = flow.From(topics::kPosts, {.timestamp = hot::EventTime<schemas::Post>})
                   .Process<hot::PostFacts>("post-facts");
  auto likes = flow.From(topics::kLikes, {.timestamp = hot::EventTime<schemas::Like>})
                   .Process("like-facts", {"likes"},
                            [] { return std::make_unique<hot::LikeFacts>("likes"); });
  auto comments = flow.From(topics::kComments, {.timestamp = hot::EventTime<schemas::Comment>})
                      .Process("comment-facts", {"comments"},
                               [] { return std::make_unique<hot::CommentFacts>("comments"); });
  posts.Merge(likes)
      .Merge(comments)
      .Process<hot::MinuteClock>("minute-clock")
      .Repartition("by-post", {.partitioner = hot::PartitionOfFact})
      .Process<hot::PartBoards>("part-boards", {"posts", "minutes", "removals", "progress"})
      .Repartition("boards", {.partitions = 1})
      .Process<hot::WholeBoard>("whole-board", {"parts"})
      // All in one partition, whatever their number: boards have an order.
      .To(topics::kHotPosts,
          {.partitioner = [](const schemas::HotBoard&, int32_t) { return PartitionId(0); }});
  return std::move(flow).Build();
}

}  // namespace millrace::topologies
