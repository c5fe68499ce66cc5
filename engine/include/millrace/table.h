// Table<K, V>: the latest value of each key, and the updates that change it. Made by
// TopologyBuilder::TableFrom, Stream::ToTable and aggregations.
//
// A handle on a topology under construction, as Stream. A table with a store is durable under that
// name (store, changelog); a view without one costs nothing: joins look through it into the table
// behind. Nulls are deletions: functions are never called for them, and a function that returns
// std::nullopt deletes.
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "millrace/detail/verb_checks.h"
#include "millrace/stream.h"
#include "millrace/suppress.h"

namespace millrace {

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
    return AddMapValues(std::move(map), [](auto) { return std::nullopt; });
  }
  template <class F>
  auto MapValues(std::string store, F map, StoreOptions options = {}) const {
    return AddMapValues(std::move(map), [&]<class V2>(std::type_identity<V2>) {
      return std::optional(SpecOf<V2>(std::move(store), options));
    });
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

  template <class F, class MakeSpec>
  auto AddMapValues(F map, MakeSpec make_spec) const {
    constexpr bool kOk = detail::kIsMapper<F, K, V>;
    static_assert(kOk,
                  "Table::MapValues: pass a function that returns V2 or std::optional<V2> and is "
                  "callable while const as (const V&) or (const K&, const V&), or &V::member; "
                  "before it, optionally, the store's name");
    if constexpr (kOk) {
      using V2 = detail::PlainT<detail::ResultOfT<F, K, V>>;
      return Table<K, V2>(detail::AddTableMapValues(
          handle_, detail::EraseMapper<K, V>(std::move(map)), make_spec(std::type_identity<V2>())));
    } else {
      return *this;
    }
  }

  detail::TableHandle handle_;
};

}  // namespace millrace
