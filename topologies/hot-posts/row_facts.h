// First steps of hot-posts: changes of rows become facts about posts, each of them once.
#pragma once

#include <cstdint>
#include <string>

#include "connectors/debezium/change.h"
#include "millrace/processor.h"
#include "schemas/social_rows.h"
#include "topologies/common/row_change.h"
#include "topologies/hot-posts/event_time.h"
#include "topologies/hot-posts/facts.h"

namespace millrace::topologies::hot {

template <class Key, class Row>
bool ExistsAfter(const Record<Key, debezium::Change<Row>>& record, RowState state) {
  return state == RowState::kExists && !IsHidden(*record.value->after);
}

// A post is there, or gone. It keeps nothing: facts about posts may be repeated.
class PostFacts final
    : public Processor<schemas::PostKey, debezium::Change<schemas::Post>, int64_t, Fact> {
 public:
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override {
    const RowState state = StateAfter(record, context);
    if (state == RowState::kNoChange) return;
    const Fact fact{
        .kind = FactKind::kPost, .exists = ExistsAfter(record, state), .at = record.timestamp};
    context.Forward({.key = &record.key->id, .value = &fact, .timestamp = record.timestamp});
  }
};

// How rows of reactions are told apart in the store, and what they are to a post.
inline LikeId IdOf(const schemas::LikeKey& key) { return {.post = key.post, .user = key.user}; }
inline const std::string& IdOf(const schemas::CommentKey& key) { return key.id; }
inline FactKind KindOf(const schemas::Like&) { return FactKind::kLike; }
inline FactKind KindOf(const schemas::Comment&) { return FactKind::kComment; }

// A like or comment counts once while it exists, at the time when it was first said to exist: its
// row is kept for that. When it goes, that time is told again, since the deletion does not say it.
template <class Key, class Row, class Id>
class ReactionFacts final : public Processor<Key, debezium::Change<Row>, int64_t, Fact> {
 public:
  using Context = ProcessorContext<int64_t, Fact>;
  explicit ReactionFacts(std::string store) : store_(std::move(store)) {}

  void Init(Context& context) override { kept_ = context.template Store<Id, Reaction>(store_); }

  void Process(const Record<Key, debezium::Change<Row>>& record, Context& context) override {
    const RowState state = StateAfter(record, context);
    if (state == RowState::kNoChange) return;
    const auto& id = IdOf(*record.key);
    const bool exists = ExistsAfter(record, state);
    const auto before = kept_.Get(id);
    if (exists == static_cast<bool>(before)) return;

    Reaction reaction;
    if (exists) {
      reaction = {.post = record.value->after->post, .at = record.timestamp};
      kept_.Put(id, reaction, record.timestamp);
    } else {
      reaction = *before;
      kept_.Delete(id);
    }
    const Fact fact{.kind = KindOf(Row()), .exists = exists, .at = reaction.at};
    context.Forward({.key = &reaction.post, .value = &fact, .timestamp = record.timestamp});
  }

 private:
  const std::string store_;
  KeyValueStore<Id, Reaction> kept_;
};

using LikeFacts = ReactionFacts<schemas::LikeKey, schemas::Like, LikeId>;
using CommentFacts = ReactionFacts<schemas::CommentKey, schemas::Comment, std::string>;

}  // namespace millrace::topologies::hot
