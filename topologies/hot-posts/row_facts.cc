#include "topologies/hot-posts/row_facts.h"

#include <algorithm>
#include <optional>

namespace millrace::topologies::hot {

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

void EventFacts::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  const std::optional<PostEvent> event = events_.Read(record, context);
  if (!event.has_value()) return;
  const Fact fact{.kind = event->is_share ? FactKind::kShare : FactKind::kImpression,
                  .exists = true,
                  .at = event->at,
                  .event = event->id};
  context.Forward(
      {.key = &event->post, .value = &fact, .timestamp = std::min(event->at, record.timestamp)});
}

}  // namespace millrace::topologies::hot
