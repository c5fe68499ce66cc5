#include "topologies/feed-cache/knowledge.h"

#include <string>
#include <vector>

namespace millrace::topologies::cache {

void KeepPosts::Process(const Record<KeyIn, ValueIn>& record, Context&) {
  if (record.key == nullptr || record.value == nullptr) return;
  const int64_t post = record.key->value;
  const auto& change = *record.value;
  if (!change.is_upsert() && !change.is_delete()) return;
  Forget(post);
  if (change.is_delete() || change.after->visibility == schemas::Visibility::kPrivate) return;
  const PostFact fact{.author = change.after->author,
                      .created_at = change.after->created_at,
                      .visibility = change.after->visibility};
  posts_.Put({.index = PostIndex::kById, .id = post}, fact, record.timestamp);
  posts_.Put({.index = PostIndex::kByAuthor,
              .id = fact.author,
              .created_at = fact.created_at,
              .post = post},
             fact, record.timestamp);
  ForgetOldOnes(fact.author);
}

void KeepPosts::Forget(int64_t post) {
  const auto row = posts_.Get({.index = PostIndex::kById, .id = post});
  if (!row) return;
  const PostFact fact = *row;
  posts_.Delete({.index = PostIndex::kByAuthor,
                 .id = fact.author,
                 .created_at = fact.created_at,
                 .post = post});
  posts_.Delete({.index = PostIndex::kById, .id = post});
}

void KeepPosts::ForgetOldOnes(int64_t author) {
  const std::string prefix =
      KeyPrefix<2, PostIndexKey>({.index = PostIndex::kByAuthor, .id = author});
  std::vector<int64_t> old;
  int seen = 0;
  for (auto row = posts_.Prefix(prefix); row.Valid(); row.Next()) {
    if (++seen > kPostsOfAuthor) old.push_back(row.key().post);
  }
  for (const int64_t post : old) Forget(post);
}

void KeepEngagement::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  if (record.key == nullptr) return;
  const double e = record.value == nullptr ? 0 : record.value->e;
  if (!(e >= 0 && e <= 1000)) {
    context.Refuse("an engagement that cannot be", PoisonClass::kRange);
  }
  if (e == 0) return engagement_.Delete(record.key->value);
  engagement_.Put(record.key->value, ToFixed(e), record.timestamp);
}

void KeepHot::Process(const Record<KeyIn, ValueIn>& record, Context&) {
  if (record.value == nullptr) return;
  const auto row = hot_.Get(0);
  if (!row || row->time < record.value->time) hot_.Put(0, *record.value, record.timestamp);
}

}  // namespace millrace::topologies::cache
