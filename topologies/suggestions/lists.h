// The lists themselves, by user: what the user likes, follows not yet, and is not. All steps share
// their stores, so they run in one task.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/debezium/change.h"
#include "millrace/processor.h"
#include "schemas/affinity.h"
#include "schemas/ids.h"
#include "schemas/social_rows.h"
#include "schemas/user_list.h"
#include "topologies/suggestions/facts.h"
#include "topologies/suggestions/output.h"
#include "topologies/suggestions/similar.h"

namespace millrace::topologies::suggest {

inline constexpr size_t kListLength = 20;
// A list is made again when something has changed, but not before that.
inline constexpr Duration kMakeEvery = std::chrono::seconds(300);
// What similar users follow changes without the user's doing: after so long it is asked anew.
inline constexpr Duration kSimilarFor = std::chrono::hours(24);

class ListBook {
 public:
  static std::vector<std::string> Stores();
  void Open(OutputContext& context);

  void SetAffinity(const UserAuthor& key, int64_t count, Timestamp now);
  void Follow(const UserAuthor& key, OutputContext& context);
  void Unfollow(const UserAuthor& key, Timestamp now);
  void SetPopular(const schemas::UserList& list);
  // Nobody follows the author any more.
  void Leave(int64_t author, OutputContext& context);
  void ForgetLeftBefore(Timestamp time) { search_.ForgetLeftBefore(time); }
  // Makes the lists whose time has come.
  void MakeDue(Timestamp now, OutputContext& context);
  // An answer to a search; with the last one the list is completed.
  void TakeAnswer(int64_t user, const TastersOf& tasters, OutputContext& context);
  void TakeAnswer(int64_t user, const FolloweesOf& followees, OutputContext& context);

 private:
  void Touch(int64_t user, Timestamp now);
  void SetWake(int64_t user, const Reader& before, const Reader& now);
  void Make(int64_t user, Timestamp now, OutputContext& context);
  void SetSimilar(int64_t user, const SimilarAuthors& authors, OutputContext& context);
  bool IsKnown(int64_t user) const;  // likes or follows somebody
  schemas::UserList Compose(int64_t user, Timestamp now) const;
  void AddByCount(int64_t user, schemas::UserList* list) const;
  void AddSimilar(int64_t user, schemas::UserList* list) const;
  void AddPopular(int64_t user, schemas::UserList* list) const;
  bool MayBeSuggested(const UserAuthor& key, const schemas::UserList& list) const;
  // Takes the author off the list that was told; `source`: only if that has brought it there.
  void TakeOff(const UserAuthor& key, std::string_view source, OutputContext& context);
  void TellIfNew(int64_t user, const schemas::UserList& list, OutputContext& context);
  void Tell(int64_t user, const schemas::UserList& list, OutputContext& context);

  KeyValueStore<UserAuthor, int64_t> affinity_;
  KeyValueStore<UserCountAuthor, Nothing> by_count_;
  KeyValueStore<UserAuthor, Nothing> follows_;
  KeyValueStore<int64_t, Reader> readers_;
  KeyValueStore<Wake, Nothing> wakes_;
  KeyValueStore<int64_t, schemas::UserList> suggested_;
  KeyValueStore<int64_t, schemas::UserList> popular_;  // one row, 0
  SimilarSearch search_;
};

class Affinities final
    : public Processor<schemas::AffinityKey, schemas::Affinity, schemas::UserId, Output> {
 public:
  void Init(Context& context) override;
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  ListBook book_;
};

class Follows final : public Processor<schemas::UserId, debezium::Change<schemas::Follow>,
                                       schemas::UserId, Output> {
 public:
  void Init(Context& context) override { book_.Open(context); }
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  ListBook book_;
};

// Keeps the list for those of whom nothing is known. Passes nothing on.
class Popular final
    : public Processor<schemas::UserId, schemas::UserList, schemas::UserId, Output> {
 public:
  void Init(Context& context) override { book_.Open(context); }
  void Process(const Record<KeyIn, ValueIn>& record, Context&) override {
    book_.SetPopular(*record.value);
  }

 private:
  ListBook book_;
};

// Answers to searches for similar users: TastersOf, then FolloweesOf.
template <class Answers>
class SearchAnswers final : public Processor<schemas::UserId, Answers, schemas::UserId, Output> {
 public:
  using Context = OutputContext;
  void Init(Context& context) override { book_.Open(context); }
  void Process(const Record<schemas::UserId, Answers>& record, Context& context) override {
    book_.TakeAnswer(record.key->value, *record.value, context);
  }

 private:
  ListBook book_;
};

class LeftAuthors final : public Processor<schemas::UserId, Left, schemas::UserId, Output> {
 public:
  void Init(Context& context) override { book_.Open(context); }
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override {
    book_.Leave(record.key->value, context);
  }

 private:
  ListBook book_;
};

}  // namespace millrace::topologies::suggest
