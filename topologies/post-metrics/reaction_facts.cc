#include "topologies/post-metrics/reaction_facts.h"

#include <optional>

namespace millrace::topologies::metrics {

void EventFacts::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  const std::optional<PostEvent> event = events_.Read(record, context);
  if (!event.has_value()) return;
  const Fact fact{.kind = event->is_share ? ReactionKind::kShare : ReactionKind::kImpression,
                  .is_late = IsLate(event->at, record.timestamp),
                  .user = event->user,
                  .id = event->id,
                  .at = event->at};
  const schemas::PostId post{event->post};
  context.Forward({.key = &post, .value = &fact, .timestamp = event->at});
}

}  // namespace millrace::topologies::metrics
