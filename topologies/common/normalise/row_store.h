// RowStore<Row>: the rows of one partition of a table, with the indexes that belong to them. Task
// thread only; durable with the task's commit.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "millrace/processor.h"
#include "topologies/common/normalise/erased_hashes.h"
#include "topologies/common/normalise/stored_row.h"
#include "topologies/common/normalise/tables.h"

namespace millrace::topologies {

// The names of its stores, which two steps share.
struct RowStoreNames {
  explicit RowStoreNames(std::string_view table)
      : rows(std::string(table) + "-rows"),
        of_user(std::string(table) + "-of-user"),
        gone(std::string(table) + "-gone"),
        erased(std::string(table) + "-erased") {}
  std::vector<std::string> All() const { return {rows, of_user, gone, erased}; }

  std::string rows, of_user, gone, erased;
};

template <class Row>
class RowStore {
 public:
  using Table = TableOf<Row>;
  using Id = typename Table::Id;

  // A row that went is remembered for so long, in the time of the log.
  static constexpr Duration kRemembered = std::chrono::hours(24 * 7);

  template <class Context>
  void Open(Context& context) {
    const RowStoreNames names(Table::kName);
    rows_ = context.template Store<Id, StoredRow<Row>>(names.rows);
    of_user_ = context.template Store<OfUser<Id>, Present>(names.of_user);
    gone_ = context.template Store<GoneRow<Id>, Present>(names.gone);
    erased_ = context.template StoreOf<ErasedHashes>(names.erased);
    hash_ = UserHash(context.application_id());
  }

  // False when nothing is known of the row; *out is a copy, for the store's own is gone with the
  // next write.
  bool Get(const Id& id, StoredRow<Row>* out) const {
    const auto stored = rows_.Get(id);
    if (!stored) return false;
    *out = *stored;
    return true;
  }

  // Writes what is known of the row from now on. `before`: what was, or null.
  void Put(const Id& id, const StoredRow<Row>* before, const StoredRow<Row>& after, Timestamp now) {
    Index(id, UsersOf(id, before), Table::UsersOf(id, after.is_live ? &after.row : nullptr), now);
    if (before != nullptr && !before->is_live) gone_.Delete({before->gone_at, id});
    if (!after.is_live) gone_.Put({after.gone_at, id}, Present(), now);
    rows_.Put(id, after, now);
  }
  // Only what says nothing about whether and of whom it is: version, awaits_tombstone.
  void PutVersion(const Id& id, const StoredRow<Row>& after, Timestamp now) {
    rows_.Put(id, after, now);
  }
  void Forget(const Id& id, const StoredRow<Row>& before) {
    Index(id, UsersOf(id, &before), {}, kNoTimestamp);
    if (!before.is_live) gone_.Delete({before.gone_at, id});
    rows_.Delete(id);
  }

  // Forgets the rows that went too long ago.
  void ForgetGone(Timestamp now) {
    std::vector<Id> old;
    for (auto row = gone_.All(); row.Valid() && row.key().at < now - kRemembered; row.Next()) {
      old.push_back(row.key().id);
    }
    for (const Id& id : old) {
      if (StoredRow<Row> stored; Get(id, &stored)) Forget(id, stored);
    }
  }

  std::vector<Id> RowsOf(int64_t user) const {
    std::string prefix;
    internal::AppendField(user, Direction::kAscending, &prefix);
    std::vector<Id> ids;
    for (auto row = of_user_.Prefix(prefix); row.Valid(); row.Next()) ids.push_back(row.key().id);
    return ids;
  }

  bool IsErased(const UsersOfRow& users) const {
    if (erased_->empty()) return false;
    return std::any_of(users.begin(), users.end(),
                       [this](int64_t user) { return erased_->Contains(hash_(user)); });
  }
  void RememberErased(int64_t user, Timestamp at) { erased_->Add(hash_(user), at); }

 private:
  static UsersOfRow UsersOf(const Id& id, const StoredRow<Row>* stored) {
    if (stored == nullptr) return {};
    return Table::UsersOf(id, stored->is_live ? &stored->row : nullptr);
  }

  void Index(const Id& id, const UsersOfRow& before, const UsersOfRow& after, Timestamp now) {
    if (before == after) return;
    for (const int64_t user : before) of_user_.Delete({user, id});
    for (const int64_t user : after) of_user_.Put({user, id}, Present(), now);
  }

  KeyValueStore<Id, StoredRow<Row>> rows_;
  KeyValueStore<OfUser<Id>, Present> of_user_;
  KeyValueStore<GoneRow<Id>, Present> gone_;
  ErasedHashes* erased_ = nullptr;
  UserHash hash_;
};

}  // namespace millrace::topologies
