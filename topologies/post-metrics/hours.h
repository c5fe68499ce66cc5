// Hours: the rows of post_metrics_1h.
#pragma once

#include "millrace/metrics.h"
#include "millrace/processor.h"
#include "schemas/engagement.h"
#include "schemas/ids.h"
#include "topologies/post-metrics/facts.h"

namespace millrace::topologies::metrics {

// A row as it is now, without counts when it is gone; or a reaction that came too late. For the
// next steps only: it has no bytes.
struct HourChange {
  bool is_late = false;
  schemas::PostMetrics row;
  schemas::LateReaction late;
};

// Counts every reaction in the clock hour of its own time, and takes it back there. What is late is
// told to the side, and remembered so that taking it back takes nothing. Rows are kept for 31 days
// after their hour.
class Hours final : public Processor<schemas::PostId, Fact, schemas::PostHour, HourChange> {
 public:
  void Init(Context& context) override;
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  // Whether the hour of the fact takes it.
  bool Takes(const Uncounted& reaction, const Fact& fact);
  void TellLate(const Record<KeyIn, ValueIn>& record, Context& context);
  void Forget(Timestamp now);

  KeyValueStore<HourOfPost, Counts> hours_;
  KeyValueStore<Uncounted, Nothing> uncounted_;
  Counter* late_ = nullptr;
};

}  // namespace millrace::topologies::metrics
