#include "topologies/feed-fan-out/author_facts.h"

#include <optional>

#include "topologies/common/row_change.h"

namespace millrace::topologies {
namespace {

// What the row says now; nullopt when nobody but its author may see it.
std::optional<PostKept> Live(const schemas::Post& post) {
  if (post.visibility == schemas::Visibility::kPrivate) return std::nullopt;
  return PostKept{.author = post.author, .created_at = post.created_at};
}

}  // namespace

void PostFacts::Init(Context& context) { posts_ = context.Store<int64_t, PostKept>("posts"); }

void PostFacts::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  const RowState state = StateAfter(record, context);
  if (state == RowState::kNoChange) return;
  std::optional<PostKept> now;
  if (state == RowState::kExists) now = Live(*record.value->after);
  const int64_t id = record.key->id;
  std::optional<PostKept> before;
  if (const auto row = posts_.Get(id)) before = *row;
  if (now == before) return;  // said before, or an edit that no feed shows

  if (before.has_value()) Tell(*before, id, /*exists=*/false, record.timestamp, context);
  if (now.has_value()) {
    posts_.Put(id, *now, record.timestamp);
    Tell(*now, id, /*exists=*/true, record.timestamp, context);
  } else {
    posts_.Delete(id);
  }
}

void PostFacts::Tell(const PostKept& post, int64_t id, bool exists, Timestamp now,
                     Context& context) {
  const AuthorFact fact{
      .kind = AuthorFact::Kind::kPost, .exists = exists, .id = id, .created_at = post.created_at};
  context.Forward({.key = &post.author, .value = &fact, .timestamp = now});
}

void FollowFacts::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  const RowState state = StateAfter(record, context);
  if (state == RowState::kNoChange) return;
  const bool exists = state == RowState::kExists;
  const AuthorFact fact{.kind = AuthorFact::Kind::kFollower,
                        .exists = exists,
                        .id = record.key->follower,
                        .created_at = exists ? record.value->after->created_at : Timestamp()};
  context.Forward({.key = &record.key->followee, .value = &fact, .timestamp = record.timestamp});
}

}  // namespace millrace::topologies
