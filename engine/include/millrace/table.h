// Table<K, V>: the latest value of each key, and the updates that change it. Made by
// TopologyBuilder::TableFrom, Stream::ToTable and aggregations.
//
// A handle on a topology under construction, as Stream. A table with a store is durable under that
// name (store, changelog); a view without one costs nothing: joins look through it into the table
// behind. Nulls are deletions: functions are never called for them, and a function that returns
// std::nullopt deletes.
//
// A table whose store has a history (StoreOptions::history) is versioned: an update that comes out
// of order becomes part of the history, where joins of streams find it by its time. It goes to
// ToStream(), filters and mapped views, but changes nothing that is made of latest rows: groups,
// joins of tables, suppressed updates, views in plain stores. One that is older than the history is
// dropped and counted.
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "millrace/detail/more_lowering.h"
#include "millrace/detail/table_operators.h"
#include "millrace/detail/verb_checks.h"
#include "millrace/expiry.h"
#include "millrace/stream.h"
#include "millrace/suppress.h"

namespace millrace {

template <class K, class V>
class GroupedTable;

// Of a join by a key that is in the row.
template <class KT>
struct ForeignKeyOptions {
  // Where the other table's rows lie, if not where the hash of their keys says: (const KT&, int32_t
  // partitions) -> PartitionId, the function by which its topic was written.
  detail::KeyPartitionFunction<KT> partitioner;
};

template <class K, class V>
class Table {
 public:
  using Key = K;
  using Value = V;

  // The rows for which `matches` is true: (const V&), (const K&, const V&) or a member of V. A row
  // that stops matching is deleted.
  template <class F>
  Table Filter(F matches) const {
    return AddFilter(std::move(matches), /*negate=*/false, std::nullopt);
  }
  // The same, kept in a store of its own.
  template <class F>
  Table Filter(std::string store, F matches, StoreOptions options = {}) const {
    return AddFilter(std::move(matches), /*negate=*/false, SpecOf<V>(std::move(store), options));
  }
  // The rows for which `matches` is false.
  template <class F>
  Table FilterNot(F matches) const {
    return AddFilter(std::move(matches), /*negate=*/true, std::nullopt);
  }
  template <class F>
  Table FilterNot(std::string store, F matches, StoreOptions options = {}) const {
    return AddFilter(std::move(matches), /*negate=*/true, SpecOf<V>(std::move(store), options));
  }

  // New values: `map` returns V2 or std::optional<V2>. -> Table<K, V2>
  template <class F>
  auto MapValues(F map) const {
    return AddMapValues(std::move(map), NoSpec());
  }
  template <class F>
  auto MapValues(std::string store, F map, StoreOptions options = {}) const {
    return AddMapValues(std::move(map), MakeSpec{std::move(store), options});
  }

  // The same table with fewer updates: they wait in `store` until the rule lets them out
  // (suppress.h), each with its own timestamp and headers. Later updates of a key replace the one
  // that waits. It cannot be read by key, so that it joins nothing but its updates.
  Table Suppress(std::string store, UntilWindowCloses rule = {}) const {
    detail::Suppression what;
    what.until_closed = true;
    return AddSuppress(std::move(store), rule.in_memory, std::move(what));
  }
  Table Suppress(std::string store, UntilTimeLimit rule) const {
    detail::Suppression what;
    what.limit = rule.limit;
    what.max_records = rule.max_records;
    return AddSuppress(std::move(store), rule.in_memory, std::move(what));
  }

  // The same table without rows that were not updated for `ttl`: they are deleted, downstream too,
  // by a tombstone (expiry.h says by which clock). By stream time a row goes when an update of any
  // row comes that is `ttl` newer; its tombstone has the time at which it expired. The rows lie in
  // `store`, their times in "<store>-times".
  Table ExpireAfter(std::string store, Duration ttl, ExpiryOptions options = {}) const {
    return Table(detail::AddTableExpiry(
        handle_,
        SpecOf<V>(std::move(store),
                  {.in_memory = options.in_memory, .changelog = options.changelog}),
        {.ttl = ttl,
         .clock = options.clock,
         .check_every = options.check_every.value_or(Duration(0))}));
  }

  // New values from an object of your own, with stores and punctuations (value_transformer.h). It
  // sees deletions, too. P is a ValueTransformer<K, V, V2>; `stores` are as in Stream::Process.
  // -> Table<K, V2>, kept in `store`
  template <class P>
  auto TransformValues(std::string store, const std::vector<std::string>& stores = {},
                       StoreOptions options = {}) const;
  // `make` returns a std::unique_ptr<P>; it is called once per task.
  template <class Factory>
  auto TransformValues(std::string store, const std::vector<std::string>& stores, Factory make,
                       StoreOptions options = {}) const;

  // Groups rows by something in them, through the repartition topic `name` (grouped_table.h):
  // `select` returns a KeyValue<K2, V2>, the group and what the row is in it. A null group or value
  // (std::nullopt) leaves the row out. The table needs a store. -> GroupedTable<K2, V2>
  template <class F>
  auto GroupBy(std::string name, F select) const;

  // -- Joins with a table of the same keys, partitioned in the same way. An update of either side
  // makes a new row: `join` is called with both as (const V&, const VT&) or (const K&, const V&,
  // const VT&) and returns V2 or std::optional<V2>. A row has the higher timestamp of the two, and
  // the headers of the update that made it. Both tables need a store, or to be views of tables with
  // one; the result is a view, or kept in `store`. Updates with an older version of a row make
  // nothing. -> Table<K, V2>
  template <class KT, class VT, class F>
  auto Join(const Table<KT, VT>& other, F join) const;
  template <class KT, class VT, class F>
  auto Join(std::string store, const Table<KT, VT>& other, F join, StoreOptions options = {}) const;
  // Also without a row of the other table: `join` takes a const VT*.
  template <class KT, class VT, class F>
  auto LeftJoin(const Table<KT, VT>& other, F join) const;
  template <class KT, class VT, class F>
  auto LeftJoin(std::string store, const Table<KT, VT>& other, F join,
                StoreOptions options = {}) const;
  // Also without a row of either table: `join` takes a const V* and a const VT*, one may be null.
  template <class KT, class VT, class F>
  auto OuterJoin(const Table<KT, VT>& other, F join) const;
  template <class KT, class VT, class F>
  auto OuterJoin(std::string store, const Table<KT, VT>& other, F join,
                 StoreOptions options = {}) const;

  // -- Joins with a table by the key of its rows that is in this one's: `key_of` returns a KT or
  // std::optional<KT> (null: none) and is called as (const V&) or (const K&, const V&), or is
  // &V::member; `join` is as above. The result has this table's keys. An update of a row of the
  // other table makes a new row for each one that names it, with that update's timestamp; an update
  // here has the higher timestamp of the two rows. Both tables need a store, or to be views of
  // tables with one.
  //
  // `name` names the step and what it keeps: the repartition topics "<name>-subscription" and
  // "<name>-response" and the store "<name>-subscriptions". Rows are compared as bytes, so a row's
  // Serde must always write the same ones. -> Table<K, V2>, kept in `store` if there is one
  template <class KT, class VT, class KeyOf, class F>
  auto Join(std::string name, const Table<KT, VT>& other, KeyOf key_of, F join,
            ForeignKeyOptions<KT> how = {}) const;
  template <class KT, class VT, class KeyOf, class F>
  auto Join(std::string name, std::string store, const Table<KT, VT>& other, KeyOf key_of, F join,
            StoreOptions options = {}, ForeignKeyOptions<KT> how = {}) const;
  // Also without a row of the other table: `join` takes a const VT*.
  template <class KT, class VT, class KeyOf, class F>
  auto LeftJoin(std::string name, const Table<KT, VT>& other, KeyOf key_of, F join,
                ForeignKeyOptions<KT> how = {}) const;
  template <class KT, class VT, class KeyOf, class F>
  auto LeftJoin(std::string name, std::string store, const Table<KT, VT>& other, KeyOf key_of,
                F join, StoreOptions options = {}, ForeignKeyOptions<KT> how = {}) const;

  // The same table with one update per key and transaction (EngineOptions::commit_interval): the
  // newest one, when the transaction is committed. Fewer updates for a later result; how much
  // memory there is for caches makes no difference. It cannot be read by key.
  Table EmitOnCommit() const {
    static_assert(HasSerde<K> && HasSerde<V>,
                  "Table::EmitOnCommit: the key and value types need a Serde");
    return Table(detail::AddEmitOnCommit(handle_, detail::CodecOf<K>(), detail::CodecOf<V>()));
  }

  // The updates as records; a deletion has a null value.
  Stream<K, V> ToStream() const { return Stream<K, V>(detail::AddToStream(handle_)); }

  // For the verbs themselves.
  explicit Table(detail::TableHandle handle) : handle_(std::move(handle)) {
    detail::NoteTypes(handle_.flow, handle_.node, detail::CodecIfAny<K>(), detail::CodecIfAny<V>());
  }
  const detail::TableHandle& handle() const { return handle_; }

 private:
  template <class V2>
  static detail::StoreSpec SpecOf(std::string store, StoreOptions options) {
    return detail::CheckedSpec<K, V2>(std::move(store), options);
  }

  // The store of a table whose values are known later; or none.
  struct MakeSpec {
    std::string store;
    StoreOptions options;
    template <class V2>
    std::optional<detail::StoreSpec> operator()(std::type_identity<V2>) const {
      return SpecOf<V2>(store, options);
    }
  };
  struct NoSpec {
    template <class V2>
    std::optional<detail::StoreSpec> operator()(std::type_identity<V2>) const {
      return std::nullopt;
    }
  };

  Table AddSuppress(std::string store, bool in_memory, detail::Suppression what) const {
    what.store = SpecOf<V>(std::move(store), {.in_memory = in_memory});
    what.key = what.store.key;
    what.value = what.store.value;
    return Table(detail::AddSuppress(handle_, std::move(what)));
  }

  template <class F>
  Table AddFilter(F matches, bool negate, std::optional<detail::StoreSpec> store) const {
    constexpr bool kOk = detail::kIsPredicate<F, K, V>;
    static_assert(kOk,
                  "Table::Filter, FilterNot: pass a function that returns bool and is callable "
                  "while const as (const V&) or (const K&, const V&), or &V::member; before it, "
                  "optionally, the store's name");
    if constexpr (kOk) {
      return Table(detail::AddTableFilter(handle_, detail::ErasePredicate<K, V>(std::move(matches)),
                                          negate, std::move(store)));
    } else {
      return *this;
    }
  }

  template <class F, class StoreOf>
  auto AddMapValues(F map, StoreOf store_of) const {
    constexpr bool kOk = detail::kIsMapper<F, K, V>;
    static_assert(kOk,
                  "Table::MapValues: pass a function that returns V2 or std::optional<V2> and is "
                  "callable while const as (const V&) or (const K&, const V&), or &V::member; "
                  "before it, optionally, the store's name");
    if constexpr (kOk) {
      using V2 = detail::PlainT<detail::ResultOfT<F, K, V>>;
      return Table<K, V2>(detail::AddTableMapValues(
          handle_, detail::EraseMapper<K, V>(std::move(map)), store_of(std::type_identity<V2>())));
    } else {
      return *this;
    }
  }

  template <detail::TableJoinKind kKind, class KT, class VT, class F, class StoreOf>
  auto JoinTable(const Table<KT, VT>& other, F join, StoreOf store_of) const;

  template <bool kLeft, class KT, class VT, class KeyOf, class F, class StoreOf>
  auto JoinByForeignKey(std::string name, const Table<KT, VT>& other, KeyOf key_of, F join,
                        StoreOf store_of, const ForeignKeyOptions<KT>& options) const;

  detail::TableHandle handle_;
};

}  // namespace millrace

// What GroupBy makes, then the verbs.
#include "millrace/detail/foreign_key_verbs.h"  // IWYU pragma: export
#include "millrace/detail/table_verbs.h"        // IWYU pragma: export
#include "millrace/grouped_table.h"             // IWYU pragma: export
