#include "topologies/hot-posts/row_facts.h"

#include <algorithm>

#include "topologies/common/event_id.h"
#include "topologies/common/normalise/event_time.h"

namespace millrace::topologies::hot {

using schemas::ClientEventType;

void PostFacts::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  const ValueIn& change = *record.value;
  const bool exists =
      change.after.has_value() && change.after->visibility != schemas::Visibility::kPrivate;
  Timestamp clock = ClockTime(record.timestamp, change.source);
  // An update has the time of the row; that the post went with it, has the commit's.
  if (!exists && change.op == debezium::Op::kUpdate && change.source.time != kNoTimestamp) {
    clock = change.source.time;
  }
  const Fact fact{.kind = FactKind::kPost, .exists = exists, .at = record.timestamp};
  context.Forward({.key = &record.key->value, .value = &fact, .timestamp = clock});
}

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
  Timestamp at = event.at;
  const TimeVerdict verdict = Judge(record.timestamp, &at);
  if (verdict == TimeVerdict::kImpossible) {
    context.Refuse("at: before 1970 or more than a day ahead", PoisonClass::kRange);
  }
  if (verdict == TimeVerdict::kClamped) clock_ahead_->Add();
  const Fact fact{.kind = is_share ? FactKind::kShare : FactKind::kImpression,
                  .exists = true,
                  .at = at,
                  .event = HashOfEvent(event.id)};
  context.Forward(
      {.key = &*event.post, .value = &fact, .timestamp = std::min(at, record.timestamp)});
}

}  // namespace millrace::topologies::hot
