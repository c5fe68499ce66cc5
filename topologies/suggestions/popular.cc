#include "topologies/suggestions/popular.h"

#include <algorithm>

namespace millrace::topologies::suggest {

using schemas::ListedUser;
using schemas::PostId;
using schemas::UserId;

void HotPosts::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  if (record.value == nullptr) return;
  const OnBoard mark{.board = record.value->time};
  for (const schemas::HotPost& post : record.value->posts) {
    const PostId id{post.post};
    context.Forward({.key = &id, .value = &mark, .timestamp = record.timestamp});
  }
}

void PostAuthors::Process(const Record<KeyIn, ValueIn>& record, Context&) {
  if (record.key == nullptr || record.value == nullptr) return;
  if (record.value->is_delete()) return authors_.Delete(record.key->value);
  if (!record.value->is_upsert()) return;
  const int64_t author = record.value->after->author;
  const auto known = authors_.Get(record.key->value);
  if (!known || *known != author) authors_.Put(record.key->value, author, record.timestamp);
}

void HotPostAuthors::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  const auto author = authors_.Get(record.key->value);
  if (!author) return;  // deleted, or not heard of yet: the next board will have it
  const UserId id{*author};
  context.Forward(record.WithKey(&id));
}

void Followers::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  const auto row = followers_.Get(record.key->value);
  const int64_t now = (row ? *row : 0) + record.value->by;
  if (now > 0) return followers_.Put(record.key->value, now, record.timestamp);
  followers_.Delete(record.key->value);
  const Left left;
  context.Forward(record.WithValue(&left));
}

void HotAuthors::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  const auto row = followers_.Get(record.key->value);
  const HotAuthor hot{
      .author = record.key->value, .followers = row ? *row : 0, .board = record.value->board};
  context.Forward(record.WithValue(&hot));
}

void PopularList::Init(Context& context) {
  hot_ = context.Store<int64_t, HotAuthor>("hot-authors");
  context.Schedule(kListEvery, {}, [this, &context](Timestamp now) { Tell(now, context); });
}

void PopularList::Process(const Record<KeyIn, ValueIn>& record, Context&) {
  hot_.Put(record.key->value, *record.value, record.timestamp);
}

void PopularList::Tell(Timestamp now, Context& context) {
  std::vector<int64_t> cold;
  schemas::UserList list{.at = now};
  for (auto row = hot_.All(); row.Valid(); row.Next()) {
    const HotAuthor& hot = row.value();
    if (hot.board < now - kHotFor) {
      cold.push_back(row.key());
    } else {
      list.users.push_back({.user = hot.author, .count = hot.followers, .source = "popular"});
    }
  }
  for (const int64_t author : cold) hot_.Delete(author);
  std::sort(list.users.begin(), list.users.end(), [](const ListedUser& a, const ListedUser& b) {
    return a.count != b.count ? a.count > b.count : a.user < b.user;
  });
  if (list.users.size() > kMostPopular) list.users.resize(kMostPopular);
  if (list.users == told_) return;
  told_ = list.users;
  const UserId all{};
  context.Forward({.key = &all, .value = &list, .timestamp = now});
}

}  // namespace millrace::topologies::suggest
