// Engagements: the number that rankings use, told as seldom as they can bear.
#pragma once

#include "millrace/processor.h"
#include "schemas/engagement.h"
#include "schemas/ids.h"
#include "topologies/post-metrics/facts.h"
#include "topologies/post-metrics/post_metrics.h"

namespace millrace::topologies::metrics {

// Counts all reactions to a post since it exists. Its engagement is told when it has moved by the
// quantum, or with one of the first ten reactions, and at most once in a minute of stream time:
// else the next minute tells it. A post that is gone has none.
class Engagements final
    : public Processor<schemas::PostId, Fact, schemas::PostId, schemas::PostEngagement> {
 public:
  explicit Engagements(const PostMetricsOptions& options) : options_(options) {}
  void Init(Context& context) override;
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  void OnReaction(const Record<KeyIn, ValueIn>& record, Context& context);
  void OnGonePost(const Record<KeyIn, ValueIn>& record, Context& context);
  // Whether the change is worth telling.
  bool IsNews(const Totals& totals, const Fact& fact, double e) const;
  void Tell(int64_t post, double e, Timestamp now, Totals* totals, Context& context);
  // What waits for its minute.
  void TellWaiting(Context& context);
  double EngagementOf(const Totals& totals) const;

  const PostMetricsOptions options_;
  KeyValueStore<int64_t, Totals> totals_;
  KeyValueStore<int64_t, Nothing> waiting_;
};

}  // namespace millrace::topologies::metrics
