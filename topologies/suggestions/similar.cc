#include "topologies/suggestions/similar.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"

namespace millrace::topologies::suggest {
namespace {

// The rows of a store whose keys begin with the first field of `key`.
template <class K, class V>
std::vector<V> ValuesUnder(const KeyValueStore<K, V>& store, const K& key) {
  std::vector<V> values;
  for (auto row = store.Prefix(KeyPrefix(key)); row.Valid(); row.Next()) {
    values.push_back(row.value());
  }
  return values;
}
template <class K, class V>
std::vector<K> KeysUnder(const KeyValueStore<K, V>& store, const K& key) {
  std::vector<K> keys;
  for (auto row = store.Prefix(KeyPrefix(key)); row.Valid(); row.Next()) keys.push_back(row.key());
  return keys;
}
template <class K, class V>
void DeleteUnder(KeyValueStore<K, V>* store, const K& key) {
  for (const K& held : KeysUnder(*store, key)) store->Delete(held);
}

void Tell(const Taste& taste, int64_t author, Timestamp now, OutputContext& context) {
  const schemas::UserId key{author};
  const Output output{.kind = Output::Kind::kTaste, .taste = taste};
  context.Forward({.key = &key, .value = &output, .timestamp = now});
}

}  // namespace

void SimilarSearch::Open(OutputContext& context, KeyValueStore<UserCountAuthor, Nothing> by_count,
                         KeyValueStore<UserAuthor, Nothing> follows) {
  by_count_ = by_count;
  follows_ = follows;
  published_ = context.Store<UserAuthor, int64_t>("published");
  searches_ = context.Store<int64_t, Search>("searches");
  tasters_ = context.Store<Answer, TastersOf>("taster-answers");
  followees_ = context.Store<Answer, FolloweesOf>("followee-answers");
  similar_ = context.Store<int64_t, SimilarAuthors>("similar");
  similar_of_ = context.Store<AuthorUser, Nothing>("similar-of");
  recently_left_ = context.Store<int64_t, int64_t>("recently-left");
}

std::vector<UserCountAuthor> SimilarSearch::RowOf(int64_t user) const {
  std::vector<UserCountAuthor> authors;
  for (auto row = by_count_.Prefix(KeyPrefix<1, UserCountAuthor>({.user = user})); row.Valid();
       row.Next()) {
    if (authors.size() == kRowAuthors) break;
    authors.push_back(row.key());
    authors.back().count = std::min(authors.back().count, kMostInteractions);
  }
  return authors;
}

void SimilarSearch::Withdraw(int64_t user, const std::vector<UserCountAuthor>& row, Timestamp now,
                             OutputContext& context) {
  absl::flat_hash_set<int64_t> kept;
  for (const UserCountAuthor& liked : row) kept.insert(liked.author);
  for (const UserAuthor& key : KeysUnder<UserAuthor>(published_, {.user = user})) {
    if (kept.contains(key.author)) continue;
    const Taste gone{.user = user, .before = *published_.Get(key), .search = kNoTimestamp};
    published_.Delete(key);
    Tell(gone, key.author, now, context);
  }
}

void SimilarSearch::Begin(int64_t user, Timestamp now, OutputContext& context) {
  const std::vector<UserCountAuthor> row = RowOf(user);
  Drop(user);
  Withdraw(user, row, now, context);
  const bool asks = row.size() >= kSharedAuthors;
  int64_t norm = 0;
  for (const UserCountAuthor& liked : row) norm += liked.count * liked.count;
  if (asks) {
    searches_.Put(user, {.id = now, .norm = norm, .waits_for = static_cast<int32_t>(row.size())},
                  now);
  } else {
    SetFound(user, {}, now);
  }
  for (const UserCountAuthor& liked : row) {
    const UserAuthor key{.user = user, .author = liked.author};
    const auto before = published_.Get(key);
    const Taste taste{.user = user,
                      .before = before ? *before : 0,
                      .count = liked.count,
                      .norm = norm,
                      .search = asks ? now : kNoTimestamp};
    published_.Put(key, liked.count, now);
    Tell(taste, liked.author, now, context);
  }
}

std::optional<SimilarAuthors> SimilarSearch::Take(int64_t user, const TastersOf& tasters,
                                                  OutputContext& context) {
  const auto found = searches_.Get(user);
  if (!found || found->id != tasters.search) return std::nullopt;
  Search search = *found;
  tasters_.Put({.user = user, .from = tasters.author}, tasters);
  if (--search.waits_for > 0) {
    searches_.Put(user, search);
    return std::nullopt;
  }
  absl::flat_hash_map<int64_t, int64_t> row;
  for (auto own = published_.Prefix(KeyPrefix<1, UserAuthor>({.user = user})); own.Valid();
       own.Next()) {
    row[own.key().author] = own.value();
  }
  const std::vector<Neighbour> nearest =
      NearestOf(row, search.norm, ValuesUnder<Answer>(tasters_, {.user = user}));
  DeleteUnder<Answer>(&tasters_, {.user = user});
  if (!nearest.empty()) {
    Ask(nearest, user, search, context);
    return std::nullopt;
  }
  searches_.Delete(user);
  return SimilarAuthors{};
}

void SimilarSearch::Ask(const std::vector<Neighbour>& neighbours, int64_t user, Search search,
                        OutputContext& context) {
  search.waits_for = static_cast<int32_t>(neighbours.size());
  searches_.Put(user, search);
  for (const Neighbour& neighbour : neighbours) {
    const schemas::UserId key{neighbour.user};
    const Output output{
        .kind = Output::Kind::kQuestion,
        .question = {.search = search.id, .user = user, .similarity = neighbour.similarity}};
    context.Forward({.key = &key, .value = &output, .timestamp = context.StreamTime()});
  }
}

std::optional<SimilarAuthors> SimilarSearch::Take(int64_t user, const FolloweesOf& followees) {
  const auto found = searches_.Get(user);
  if (!found || found->id != followees.search) return std::nullopt;
  Search search = *found;
  followees_.Put({.user = user, .from = followees.neighbour}, followees);
  if (--search.waits_for > 0) {
    searches_.Put(user, search);
    return std::nullopt;
  }
  const auto answers = ValuesUnder<Answer>(followees_, {.user = user});
  Drop(user);
  return AuthorsOf(answers, [&](int64_t author) {
    return author != user && !follows_.Get({.user = user, .author = author}) &&
           !recently_left_.Get(author);
  });
}

SimilarAuthors SimilarSearch::Found(int64_t user) const {
  const auto row = similar_.Get(user);
  return row ? *row : SimilarAuthors{};
}

void SimilarSearch::SetFound(int64_t user, const SimilarAuthors& authors, Timestamp now) {
  for (const SimilarRow& before : Found(user).rows) {
    similar_of_.Delete({.author = before.author, .user = user});
  }
  for (const SimilarRow& row : authors.rows) {
    similar_of_.Put({.author = row.author, .user = user}, {}, now);
  }
  if (authors.rows.empty()) {
    similar_.Delete(user);
  } else {
    similar_.Put(user, authors, now);
  }
}

std::vector<int64_t> SimilarSearch::Leave(int64_t author, Timestamp now) {
  recently_left_.Put(author, ToMillis(now), now);
  std::vector<int64_t> users;
  for (const AuthorUser& key : KeysUnder<AuthorUser>(similar_of_, {.author = author})) {
    SimilarAuthors authors = Found(key.user);
    std::erase_if(authors.rows, [&](const SimilarRow& row) { return row.author == author; });
    similar_of_.Delete(key);
    SetFound(key.user, authors, now);
    users.push_back(key.user);
  }
  return users;
}

void SimilarSearch::ForgetLeftBefore(Timestamp time) {
  std::vector<int64_t> old;
  for (auto row = recently_left_.All(); row.Valid(); row.Next()) {
    if (row.value() < ToMillis(time)) old.push_back(row.key());
  }
  for (const int64_t author : old) recently_left_.Delete(author);
}

void SimilarSearch::Drop(int64_t user) {
  if (!searches_.Get(user)) return;
  searches_.Delete(user);
  DeleteUnder<Answer>(&tasters_, {.user = user});
  DeleteUnder<Answer>(&followees_, {.user = user});
}

void Followees::Process(const Record<KeyIn, ValueIn>& record, Context& context) {
  const FollowQuestion& question = *record.value;
  FolloweesOf followees{
      .search = question.search, .neighbour = record.key->value, .similarity = question.similarity};
  const auto prefix = KeyPrefix<1, UserAuthor>({.user = record.key->value});
  for (auto row = follows_.Prefix(prefix); row.Valid(); row.Next()) {
    if (followees.rows.size() == kFolloweesAsked) break;
    followees.rows.push_back({.author = row.key().author});
  }
  const schemas::UserId asker{question.user};
  context.Forward({.key = &asker, .value = &followees, .timestamp = record.timestamp});
}

}  // namespace millrace::topologies::suggest
