#include "topologies/post-metrics/post_metrics.h"

#include <chrono>
#include <memory>
#include <utility>

#include "millrace/copartition.h"
#include "millrace/topology_builder.h"
#include "schemas/topics.h"
#include "topologies/post-metrics/bot_guard.h"
#include "topologies/post-metrics/engagements.h"
#include "topologies/post-metrics/hours.h"
#include "topologies/post-metrics/reaction_facts.h"

namespace millrace::topologies {
namespace {

using metrics::Fact;
using metrics::HourChange;
using schemas::LateReaction;
using schemas::PostHour;
using schemas::PostId;
using schemas::PostMetrics;

// As long as an hour is open: what is older is late, and counts in no hour.
constexpr Duration kEventsRemembered = metrics::kGrace + 2 * metrics::kHour;

void AddStores(TopologyBuilder* flow) {
  flow->AddStore(Store<metrics::UserHour, int32_t>(metrics::BotGuard::kStore));
  flow->AddStore(Store<metrics::HourOfPost, metrics::Counts>("hours"));
  flow->AddStore(Store<metrics::Uncounted, Nothing>("uncounted"));
  flow->AddStore(Store<int64_t, metrics::Totals>("totals"));
  flow->AddStore(Store<int64_t, Nothing>("waiting"));
}

Stream<PostId, Fact> Facts(TopologyBuilder* flow) {
  const char* reason = "reactions and their posts are counted together";
  const auto likes =
      flow->From(topics::kNormalLikes).FlatMapValues(metrics::TellReaction<schemas::Like>);
  const auto comments =
      flow->From(topics::kNormalComments).FlatMapValues(metrics::TellReaction<schemas::Comment>);
  const auto posts = flow->From(topics::kNormalPosts).FlatMapValues(metrics::TellGonePost);
  const auto events = flow->From(topics::kEvents)
                          .Process<metrics::EventFacts>("event-facts")
                          .Repartition("events-by-post");
  CoPartition(likes, comments, reason);
  CoPartition(likes, posts, reason);
  CoPartition(likes, events, reason);
  return likes.Merge(comments).Merge(posts).Merge(
      events.Deduplicate("event-ids", kEventsRemembered, &Fact::id));
}

PartitionId PartitionOfHour(const PostHour& hour, const PostMetrics*, int32_t partitions) {
  return PartitionOf(PostId{hour.post}, partitions);
}

void TellHour(const PostHour& hour, const HourChange& change, Emit<PostHour, PostMetrics>& emit) {
  if (change.is_late) return;
  const bool is_gone = change.row == PostMetrics{.post = hour.post, .hour = hour.hour};
  emit.Nullable(&hour, is_gone ? nullptr : &change.row);
}

void TellLate(const HourChange& change, Emit<PostId, LateReaction>& emit) {
  if (change.is_late) emit({change.late.post}, change.late);
}

}  // namespace

absl::StatusOr<Topology> BuildPostMetrics(const PostMetricsOptions& options) {
  TopologyBuilder flow("post-metrics");
  AddStores(&flow);
  const auto facts =
      Facts(&flow).ProcessValues<metrics::BotGuard>("bot-guard", {metrics::BotGuard::kStore});
  const auto hours = facts.Process<metrics::Hours>("hours", {"hours", "uncounted"});
  hours.FlatMap(TellHour).To(topics::kPostMetrics, {.partitioner = PartitionOfHour});
  hours.FlatMap(TellLate).To(topics::kLateReactions);
  facts
      .ProcessValues("engagement", {"totals", "waiting"},
                     [options] { return std::make_unique<metrics::Engagements>(options); })
      .To(topics::kPostEngagement);
  return std::move(flow).Build();
}

}  // namespace millrace::topologies
