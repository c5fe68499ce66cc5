// First steps of post-metrics: changes of rows and events of clients become facts about posts.
#pragma once

#include <string>

#include "connectors/debezium/change.h"
#include "millrace/emit.h"
#include "millrace/processor.h"
#include "schemas/client_event.h"
#include "schemas/ids.h"
#include "schemas/social_rows.h"
#include "topologies/common/event_id.h"
#include "topologies/common/post_events.h"
#include "topologies/post-metrics/facts.h"

namespace millrace::topologies::metrics {

inline Fact FactAbout(const schemas::Like& like) {
  return {.kind = ReactionKind::kLike, .user = like.user, .id = like.user, .at = like.created_at};
}
inline Fact FactAbout(const schemas::Comment& comment) {
  return {.kind = ReactionKind::kComment,
          .user = comment.author,
          .id = HashOfEvent(comment.id),
          .at = comment.created_at};
}

// A row that comes adds, a row that goes takes back; an update is neither.
template <class Row>
void TellReaction(const debezium::Change<Row>& change, Emit<Fact>& emit) {
  if (change.op == debezium::Op::kUpdate) return;
  Fact fact = FactAbout(change.is_delete() ? *change.before : *change.after);
  if (change.is_delete()) fact.what = Fact::What::kTakesBack;
  // Rows of a snapshot are old by right.
  fact.is_late = change.op == debezium::Op::kCreate && IsLate(fact.at, change.source.time);
  emit(fact);
}

inline void TellGonePost(const debezium::Change<schemas::Post>& change, Emit<Fact>& emit) {
  if (change.is_delete()) emit({.what = Fact::What::kPostIsGone});
}

// Shares and impressions, by post and at their time; other events do not count.
class EventFacts final
    : public Processor<std::string, schemas::ClientEvent, schemas::PostId, Fact> {
 public:
  void Init(Context& context) override { events_.Open(context); }
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  PostEvents events_;
};

}  // namespace millrace::topologies::metrics
