#include "topologies/feed-fan-out/row_changes.h"

#include <optional>

#include "millrace/topology_builder.h"

namespace millrace::topologies::feed {
namespace {

using debezium::Change;
using debezium::Op;
using schemas::Follow;
using schemas::Post;
using schemas::UserId;
using News = Emit<UserId, AuthorNews>;

// The row if it is there and others than its author may see it.
const Post* Visible(const std::optional<Post>& row) {
  return row.has_value() && row->visibility != schemas::Visibility::kPrivate ? &*row : nullptr;
}

void Tell(AuthorNews::Kind kind, const Post& post, bool is_new, News& emit) {
  emit(UserId{post.author},
       {.kind = kind, .id = post.id, .created_at = post.created_at, .is_new = is_new});
}

void TellOfPost(const Change<Post>& change, News& emit) {
  const Post* before = Visible(change.before);
  const Post* after = change.is_upsert() ? Visible(change.after) : nullptr;
  const bool stays = before != nullptr && after != nullptr && before->author == after->author &&
                     before->created_at == after->created_at;
  if (stays) return;
  if (before != nullptr) Tell(AuthorNews::Kind::kPostGone, *before, false, emit);
  if (after != nullptr) {
    Tell(AuthorNews::Kind::kPost, *after, change.op != Op::kSnapshot, emit);
  }
}

void TellOfFollow(const Change<Follow>& change, News& emit) {
  const bool was = change.before.has_value();
  if (was == change.is_upsert()) return;
  const Follow& row = was ? *change.before : *change.after;
  emit(UserId{row.followee}, {.kind = was ? AuthorNews::Kind::kUnfollow : AuthorNews::Kind::kFollow,
                              .id = row.follower,
                              .created_at = row.created_at});
}

}  // namespace

Stream<UserId, AuthorNews> NewsOfPosts(const Stream<schemas::PostId, Change<Post>>& changes) {
  return changes.FlatMap([](const Change<Post>& change, News& emit) { TellOfPost(change, emit); });
}

Stream<UserId, AuthorNews> NewsOfFollows(const Stream<UserId, Change<Follow>>& changes) {
  return changes.FlatMap(
      [](const Change<Follow>& change, News& emit) { TellOfFollow(change, emit); });
}

}  // namespace millrace::topologies::feed
