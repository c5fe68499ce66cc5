// The lists themselves, by user: what the user likes, follows not yet, and is not. All steps share
// their stores, so they run in one task.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "connectors/debezium/change.h"
#include "millrace/processor.h"
#include "schemas/affinity.h"
#include "schemas/ids.h"
#include "schemas/social_rows.h"
#include "schemas/user_list.h"
#include "topologies/suggestions/facts.h"

namespace millrace::topologies::suggest {

inline constexpr size_t kListLength = 20;
// A list is made again when something has changed, but not before that.
inline constexpr Duration kMakeEvery = std::chrono::seconds(300);

class ListBook {
 public:
  using Context = ProcessorContext<schemas::UserId, schemas::UserList>;
  static std::vector<std::string> Stores() {
    return {"affinity", "by-count", "follows", "readers", "wakes", "suggested", "popular"};
  }
  void Open(Context& context);

  void SetAffinity(const UserAuthor& key, int64_t count, Timestamp now);
  void Follow(const UserAuthor& key, Context& context);
  void Unfollow(const UserAuthor& key, Timestamp now);
  void SetPopular(const schemas::UserList& list);
  // Makes the lists whose time has come.
  void MakeDue(Timestamp now, Context& context);

 private:
  void Touch(int64_t user, Timestamp now);
  void SetWake(int64_t user, const Reader& before, const Reader& now);
  void Make(int64_t user, Timestamp now, Context& context);
  bool IsKnown(int64_t user) const;  // likes or follows somebody
  void AddByCount(int64_t user, schemas::UserList* list) const;
  void AddPopular(int64_t user, schemas::UserList* list) const;
  bool MayBeSuggested(const UserAuthor& key, const schemas::UserList& list) const;
  void Tell(int64_t user, const schemas::UserList& list, Context& context);

  KeyValueStore<UserAuthor, int64_t> affinity_;
  KeyValueStore<UserCountAuthor, Nothing> by_count_;
  KeyValueStore<UserAuthor, Nothing> follows_;
  KeyValueStore<int64_t, Reader> readers_;
  KeyValueStore<Wake, Nothing> wakes_;
  KeyValueStore<int64_t, schemas::UserList> suggested_;
  KeyValueStore<int64_t, schemas::UserList> popular_;  // one row, 0
};

class Affinities final : public Processor<schemas::AffinityKey, schemas::Affinity, schemas::UserId,
                                          schemas::UserList> {
 public:
  void Init(Context& context) override;
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  ListBook book_;
};

class Follows final : public Processor<schemas::UserId, debezium::Change<schemas::Follow>,
                                       schemas::UserId, schemas::UserList> {
 public:
  void Init(Context& context) override { book_.Open(context); }
  void Process(const Record<KeyIn, ValueIn>& record, Context& context) override;

 private:
  ListBook book_;
};

// Keeps the list for those of whom nothing is known. Passes nothing on.
class Popular final
    : public Processor<schemas::UserId, schemas::UserList, schemas::UserId, schemas::UserList> {
 public:
  void Init(Context& context) override { book_.Open(context); }
  void Process(const Record<KeyIn, ValueIn>& record, Context&) override {
    book_.SetPopular(*record.value);
  }

 private:
  ListBook book_;
};

}  // namespace millrace::topologies::suggest
