// First steps of hot-posts: changes of rows and events of clients become facts about posts.
#pragma once

#include <cstdint>

#include "connectors/debezium/change.h"
#include "millrace/processor.h"
#include "schemas/client_event.h"
#include "schemas/ids.h"
#include "schemas/social_rows.h"
#include "topologies/common/post_events.h"
#include "topologies/hot-posts/event_time.h"
#include "topologies/hot-posts/facts.h"

namespace millrace::topologies::hot {

// A post is there, or gone. A private one is as good as gone.
class PostFacts final
    : public Processor<schemas::PostId, debezium::Change<schemas::Post>, int64_t, Fact> {
 public:
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;
};

inline FactKind KindOf(const schemas::Like&) { return FactKind::kLike; }
inline FactKind KindOf(const schemas::Comment&) { return FactKind::kComment; }

// A like or comment counts at its creation while it exists. Updates change nothing that counts.
template <class Row>
class ReactionFacts final
    : public Processor<schemas::PostId, debezium::Change<Row>, int64_t, Fact> {
 public:
  using Context = ProcessorContext<int64_t, Fact>;

  void Process(const Record<schemas::PostId, debezium::Change<Row>>& record,
               Context& context) override {
    const debezium::Change<Row>& change = *record.value;
    if (change.op == debezium::Op::kUpdate) return;
    const Row& row = change.is_delete() ? *change.before : *change.after;
    if (row.created_at == kNoTimestamp) return;  // nobody knows when: in no window
    const Fact fact{.kind = KindOf(row), .exists = !change.is_delete(), .at = row.created_at};
    const Timestamp clock = ClockTime(record.timestamp, change.source);
    context.Forward({.key = &record.key->value, .value = &fact, .timestamp = clock});
  }
};

// Shares and impressions; other events are of no post, or do not count.
class EventFacts final : public Processor<std::string, schemas::ClientEvent, int64_t, Fact> {
 public:
  void Init(Context& context) override { events_.Open(context); }
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  PostEvents events_;
};

}  // namespace millrace::topologies::hot
