#include "topologies/suggestions/lists.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace millrace::topologies::suggest {
namespace {

using schemas::ListedUser;
using schemas::UserId;
using schemas::UserList;

constexpr Duration kTick = std::chrono::seconds(1);

}  // namespace

std::vector<std::string> ListBook::Stores() {
  std::vector<std::string> stores = {"affinity", "by-count",  "follows", "readers",
                                     "wakes",    "suggested", "popular"};
  for (std::string& store : SimilarSearch::Stores()) stores.push_back(std::move(store));
  return stores;
}

void ListBook::Open(OutputContext& context) {
  affinity_ = context.Store<UserAuthor, int64_t>("affinity");
  by_count_ = context.Store<UserCountAuthor, Nothing>("by-count");
  follows_ = context.Store<UserAuthor, Nothing>("follows");
  readers_ = context.Store<int64_t, Reader>("readers");
  wakes_ = context.Store<Wake, Nothing>("wakes");
  suggested_ = context.Store<int64_t, UserList>("suggested");
  popular_ = context.Store<int64_t, UserList>("popular");
  search_.Open(context, by_count_, follows_);
}

void ListBook::SetAffinity(const UserAuthor& key, int64_t count, Timestamp now) {
  const auto row = affinity_.Get(key);
  const int64_t before = row ? *row : 0;
  if (before == count) return;
  if (before > 0) by_count_.Delete({.user = key.user, .count = before, .author = key.author});
  if (count > 0) {
    by_count_.Put({.user = key.user, .count = count, .author = key.author}, {}, now);
    affinity_.Put(key, count, now);
  } else {
    affinity_.Delete(key);
  }
  Touch(key.user, now);
}

void ListBook::Follow(const UserAuthor& key, OutputContext& context) {
  if (follows_.Get(key)) return;
  follows_.Put(key, {}, context.StreamTime());
  Touch(key.user, context.StreamTime());
  TakeOff(key, "", context);
}

void ListBook::TakeOff(const UserAuthor& key, std::string_view source, OutputContext& context) {
  const auto row = suggested_.Get(key.user);
  if (!row) return;
  UserList list = *row;
  const size_t gone = std::erase_if(list.users, [&](const ListedUser& listed) {
    return listed.user == key.author && (source.empty() || listed.source == source);
  });
  if (gone == 0) return;
  list.at = context.StreamTime();
  Tell(key.user, list, context);
}

void ListBook::Leave(int64_t author, OutputContext& context) {
  for (const int64_t user : search_.Leave(author, context.StreamTime())) {
    TakeOff({.user = user, .author = author}, "similar", context);
  }
}

void ListBook::Unfollow(const UserAuthor& key, Timestamp now) {
  if (!follows_.Get(key)) return;
  follows_.Delete(key);
  Touch(key.user, now);
}

void ListBook::SetPopular(const UserList& list) { popular_.Put(0, list, list.at); }

void ListBook::Touch(int64_t user, Timestamp now) {
  Reader before;
  if (const auto row = readers_.Get(user)) before = *row;
  Reader reader = before;
  const bool made = before.made_at != kNoTimestamp;
  reader.wake_at = made ? std::max(now, before.made_at + kMakeEvery) : now;
  if (before.wake_at > reader.wake_at) SetWake(user, before, reader);
}

void ListBook::SetWake(int64_t user, const Reader& before, const Reader& now) {
  if (before.wake_at != Timestamp::max()) wakes_.Delete({.at = before.wake_at, .user = user});
  if (now.wake_at != Timestamp::max()) wakes_.Put({.at = now.wake_at, .user = user}, {});
  readers_.Put(user, now);
}

void ListBook::MakeDue(Timestamp now, OutputContext& context) {
  std::vector<int64_t> due;
  for (auto row = wakes_.All(); row.Valid() && row.key().at <= now; row.Next()) {
    due.push_back(row.key().user);
  }
  for (const int64_t user : due) Make(user, now, context);
}

bool ListBook::IsKnown(int64_t user) const {
  return affinity_.Prefix(KeyPrefix<1, UserAuthor>({.user = user})).Valid() ||
         follows_.Prefix(KeyPrefix<1, UserAuthor>({.user = user})).Valid();
}

void ListBook::Make(int64_t user, Timestamp now, OutputContext& context) {
  Reader before;
  if (const auto row = readers_.Get(user)) before = *row;
  SetWake(user, before, {.made_at = now});
  if (!IsKnown(user)) readers_.Delete(user);
  search_.Begin(user, now, context);
  TellIfNew(user, Compose(user, now), context);
}

void ListBook::TakeAnswer(int64_t user, const TastersOf& tasters, OutputContext& context) {
  const auto found = search_.Take(user, tasters, context);
  if (found.has_value()) SetSimilar(user, *found, context);
}

void ListBook::TakeAnswer(int64_t user, const FolloweesOf& followees, OutputContext& context) {
  const auto found = search_.Take(user, followees);
  if (found.has_value()) SetSimilar(user, *found, context);
}

void ListBook::SetSimilar(int64_t user, const SimilarAuthors& authors, OutputContext& context) {
  const Timestamp now = context.StreamTime();
  search_.SetFound(user, authors, now);
  const auto row = readers_.Get(user);
  if (row && row->wake_at > now + kSimilarFor) {
    const Reader before = *row;
    SetWake(user, before, {.made_at = before.made_at, .wake_at = now + kSimilarFor});
  }
  TellIfNew(user, Compose(user, now), context);
}

UserList ListBook::Compose(int64_t user, Timestamp now) const {
  UserList list{.at = now};
  if (!IsKnown(user)) return list;
  AddByCount(user, &list);
  AddSimilar(user, &list);
  AddPopular(user, &list);
  return list;
}

void ListBook::TellIfNew(int64_t user, const UserList& list, OutputContext& context) {
  const auto told = suggested_.Get(user);
  const bool same = told ? told->users == list.users : list.users.empty();
  if (!same) Tell(user, list, context);
}

bool ListBook::MayBeSuggested(const UserAuthor& key, const UserList& list) const {
  return key.user != key.author && !follows_.Get(key) &&
         std::none_of(list.users.begin(), list.users.end(),
                      [&](const ListedUser& listed) { return listed.user == key.author; });
}

void ListBook::AddByCount(int64_t user, UserList* list) const {
  for (auto row = by_count_.Prefix(KeyPrefix<1, UserCountAuthor>({.user = user})); row.Valid();
       row.Next()) {
    if (list->users.size() == kListLength) return;
    const UserCountAuthor& liked = row.key();
    if (!MayBeSuggested({.user = user, .author = liked.author}, *list)) continue;
    list->users.push_back({.user = liked.author, .count = liked.count, .source = "affinity"});
  }
}

void ListBook::AddSimilar(int64_t user, UserList* list) const {
  for (const SimilarRow& row : search_.Found(user).rows) {
    if (list->users.size() == kListLength) return;
    if (!MayBeSuggested({.user = user, .author = row.author}, *list)) continue;
    list->users.push_back({.user = row.author, .count = row.followers, .source = "similar"});
  }
}

void ListBook::AddPopular(int64_t user, UserList* list) const {
  const auto popular = popular_.Get(0);
  if (!popular) return;
  for (const ListedUser& hot : popular->users) {
    if (list->users.size() == kListLength) return;
    if (MayBeSuggested({.user = user, .author = hot.user}, *list)) list->users.push_back(hot);
  }
}

void ListBook::Tell(int64_t user, const UserList& list, OutputContext& context) {
  if (list.users.empty()) {
    suggested_.Delete(user);
  } else {
    suggested_.Put(user, list, list.at);
  }
  const UserId key{user};
  const Output output{.kind = Output::Kind::kList, .list = list};
  context.Forward({.key = &key, .value = &output, .timestamp = list.at});
}

void Affinities::Init(Context& context) {
  book_.Open(context);
  context.Schedule(kTick, {}, [this, &context](Timestamp now) { book_.MakeDue(now, context); });
  context.Schedule(kMakeEvery, {},
                   [this](Timestamp now) { book_.ForgetLeftBefore(now - kMakeEvery); });
}

void Affinities::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  if (record.key == nullptr) context.Refuse("an affinity of nobody", PoisonClass::kSchema);
  const int64_t count = record.value == nullptr ? 0 : record.value->interactions;
  if (count < 0) context.Refuse("less than no interactions", PoisonClass::kRange);
  book_.SetAffinity({.user = record.key->user, .author = record.key->author}, count,
                    context.StreamTime());
}

void Follows::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  if (record.value == nullptr) return;
  const auto& change = *record.value;
  if (change.is_upsert()) {
    book_.Follow({.user = change.after->follower, .author = change.after->followee}, context);
  } else if (change.is_delete()) {
    if (!change.before.has_value()) {
      context.Refuse("a deletion does not say what it deletes", PoisonClass::kSchema);
    }
    book_.Unfollow({.user = change.before->follower, .author = change.before->followee},
                   context.StreamTime());
  }
}

}  // namespace millrace::topologies::suggest
