#include "topologies/post-metrics/reaction_facts.h"

#include "topologies/common/normalise/event_time.h"

namespace millrace::topologies::metrics {

using schemas::ClientEventType;

void EventFacts::Init(Context& context) {
  clock_ahead_ = context.metrics()->counter(
      "event_clock_ahead_total",
      {{"topology", context.application_id()}, {"task", context.task().ToString()}});
}

void EventFacts::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  if (record.value == nullptr) return;
  const schemas::ClientEvent& event = *record.value;
  const bool is_share = event.type == ClientEventType::kShare;
  if (!is_share && event.type != ClientEventType::kImpression) return;
  if (!event.post.has_value()) context.Refuse("post_id: missing", PoisonClass::kSchema);
  Fact fact{.kind = is_share ? ReactionKind::kShare : ReactionKind::kImpression,
            .user = event.user,
            .id = HashOfEvent(event.id),
            .at = event.at};
  const TimeVerdict verdict = Judge(record.timestamp, &fact.at);
  if (verdict == TimeVerdict::kImpossible) {
    context.Refuse("at: before 1970 or more than a day ahead", PoisonClass::kRange);
  }
  if (verdict == TimeVerdict::kClamped) clock_ahead_->Add();
  fact.is_late = IsLate(fact.at, record.timestamp);
  const schemas::PostId post{*event.post};
  context.Forward({.key = &post, .value = &fact, .timestamp = fact.at});
}

}  // namespace millrace::topologies::metrics
