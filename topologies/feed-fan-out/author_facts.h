// First steps of feed-fan-out: changes of rows become facts about authors.
#pragma once

#include <cstdint>

#include "connectors/debezium/change.h"
#include "millrace/processor.h"
#include "schemas/social_rows.h"
#include "topologies/feed-fan-out/facts.h"

namespace millrace::topologies {

// Says once that a post is there, and once that it is gone, to its author. Store "posts" keeps the
// author of every live post: a deletion carries the key alone. A private post is as good as gone.
class PostFacts final
    : public Processor<schemas::PostKey, debezium::Change<schemas::Post>, int64_t, AuthorFact> {
 public:
  void Init(Context& context) override;
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  void Tell(const PostKept& post, int64_t id, bool exists, Timestamp now, Context& context);

  KeyValueStore<int64_t, PostKept> posts_;
};

// The same for follows. It keeps nothing: the key of a follow says everything.
class FollowFacts final
    : public Processor<schemas::FollowKey, debezium::Change<schemas::Follow>, int64_t, AuthorFact> {
 public:
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;
};

}  // namespace millrace::topologies
