// CustomStore<K, V>: a store with a data structure of your own (a filter, a queue, an index) that
// is logged, restored and committed as the engine's own stores are.
//
//   class Seen : public CustomStore<int64_t, Bits> {
//    public:
//     bool MayContain(const UserId& user) const;
//     void Add(const UserId& user);
//     void Open(KeyValueStore<int64_t, Bits> rows) override;   // read what was kept
//     void BeforeCommit() override;                            // keep what has changed
//     …
//   };
//   flow.AddStore(StoreOf<Seen>("seen"));
//   …  seen_ = context.StoreOf<Seen>("seen");                  // Seen*
//
// The store's state is its rows; what the object holds beside them is a view that Open() can make
// again. Rows may be read and written at any time, or all at once in BeforeCommit(): a row that is
// written a hundred times in a transaction is one change in the changelog.
//
//   made ──► Open(rows) ──► uses by steps … BeforeCommit() ──► commit ─┐──► … destroyed
//            rows = those of        ▲                                  │
//            the last commit        └──────────────────────────────────┘
//
// Ownership: one object per task, owned by it; steps borrow it for the task's life. Thread: the
// task's. Durable: rows that were written before a commit, together with the records and offsets of
// its transaction; nothing else of the object. A transaction that is not committed drops the
// object, and the next one is opened on the rows of the last commit, so there is nothing to undo.
// Errors: an exception from Open() or BeforeCommit() stops the task; nothing of the transaction is
// committed.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <typeinfo>
#include <utility>

#include "millrace/store.h"

namespace millrace {

template <class K, class V>
class CustomStore : public detail::CustomObject {
 public:
  using RowKey = K;
  using RowValue = V;

  // Called once, before the first use. `rows` may be kept: it is valid as long as the object. Walks
  // end with the call.
  virtual void Open(KeyValueStore<K, V> rows) = 0;
  // The transaction is about to be committed: the last moment to write rows that belong to it. Also
  // called when nothing has changed.
  void BeforeCommit() override {}

 private:
  void OpenErased(detail::ErasedKeyValueStore* rows) final { Open(KeyValueStore<K, V>(rows)); }
};

// How the rows are kept.
struct CustomStoreOptions {
  bool in_memory = false;     // RocksDB otherwise; both restore from the changelog
  bool changelog = true;      // false: the state is lost with the state directory
  bool keep_headers = false;  // see StoreOptions
};

namespace detail {
template <class T>
concept IsCustomStore = requires {
  typename T::RowKey;
  typename T::RowValue;
}
&&std::is_base_of_v<CustomStore<typename T::RowKey, typename T::RowValue>, T>;

template <class T>
using MakeCustom = std::function<std::unique_ptr<T>()>;
}  // namespace detail

// Declares a store whose objects `make` makes, one per task; the name is durable.
template <detail::IsCustomStore T>
detail::StoreSpec StoreOf(std::string name, detail::MakeCustom<T> make,
                          CustomStoreOptions options = {}) {
  detail::StoreSpec spec = detail::KeyValueSpec<typename T::RowKey, typename T::RowValue>(
      std::move(name), {.in_memory = options.in_memory,
                        .changelog = options.changelog,
                        .keep_headers = options.keep_headers});
  spec.kind = detail::StoreKind::kCustom;
  spec.custom = &typeid(T);
  spec.make_custom = [make = std::move(make)]() -> std::unique_ptr<detail::CustomObject> {
    return make();
  };
  return spec;
}
// The same with default-constructed objects.
template <detail::IsCustomStore T>
detail::StoreSpec StoreOf(std::string name, CustomStoreOptions options = {}) {
  return StoreOf<T>(
      std::move(name), [] { return std::make_unique<T>(); }, options);
}

}  // namespace millrace
