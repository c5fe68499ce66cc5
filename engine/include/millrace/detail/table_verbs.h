// The verbs of Table that regroup, transform and join: check the function, erase it, add the step.
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "millrace/detail/join_functions.h"
#include "millrace/detail/table_lowering.h"
#include "millrace/detail/transformer_adapter.h"
#include "millrace/detail/verb_checks.h"
#include "millrace/grouped_table.h"
#include "millrace/table.h"

namespace millrace {

template <class K, class V>
template <class F>
auto Table<K, V>::GroupBy(std::string name, F select) const {
  constexpr bool kOk = detail::kIsPairMapper<F, K, V>;
  static_assert(kOk,
                "Table::GroupBy: pass a function that returns millrace::KeyValue<K2, V2> and is "
                "callable while const as (const V&) or (const K&, const V&)");
  if constexpr (kOk) {
    using Parts = detail::KeyValueTypes<std::remove_cvref_t<detail::ResultOfT<F, K, V>>>;
    using K2 = typename Parts::Key;
    using V2 = typename Parts::Value;
    detail::GroupedTableNode group;
    if constexpr (detail::CheckSerdes<K2, V2>()) {
      group.table = handle_;
      group.what = {detail::ErasePairMapper<K, V>(std::move(select)), detail::CodecOf<K2>(),
                    detail::CodecOf<V2>()};
      group.repartition = std::move(name);
      group.partitioner = detail::DefaultPartitioner<K2>::Make();
    }
    return GroupedTable<K2, V2>(std::move(group));
  } else {
    return GroupedTable<K, V>(detail::GroupedTableNode());
  }
}

template <class K, class V>
template <class P>
auto Table<K, V>::TransformValues(std::string store, const std::vector<std::string>& stores,
                                  StoreOptions options) const {
  constexpr bool kOk = detail::kTransforms<P, K, V> && std::is_default_constructible_v<P>;
  static_assert(kOk,
                "TransformValues<P>: P derives from millrace::ValueTransformer<K, V, V2> for a "
                "Table<K, V> and is default-constructible, or pass a third argument that makes "
                "std::unique_ptr<P>");
  if constexpr (kOk) {
    return TransformValues(
        std::move(store), stores, [] { return std::make_unique<P>(); }, options);
  } else {
    return *this;
  }
}

template <class K, class V>
template <class Factory>
auto Table<K, V>::TransformValues(std::string store, const std::vector<std::string>& stores,
                                  Factory make, StoreOptions options) const {
  using P = typename detail::ProcessorMadeBy<Factory>::Type;
  constexpr bool kOk = detail::kTransforms<P, K, V>;
  static_assert(kOk,
                "TransformValues: the factory is callable while const without arguments and "
                "returns std::unique_ptr<P>, where P derives from "
                "millrace::ValueTransformer<K, V, V2> for a Table<K, V>");
  if constexpr (kOk) {
    using V2 = typename P::ValueOut;
    return Table<K, V2>(
        detail::AddTableTransformValues(handle_, SpecOf<V2>(std::move(store), options), stores,
                                        detail::EraseTransformer<P>(std::move(make))));
  } else {
    return *this;
  }
}

template <class K, class V>
template <detail::TableJoinKind kKind, class KT, class VT, class F, class StoreOf>
auto Table<K, V>::JoinTable(const Table<KT, VT>& other, F join, StoreOf store_of) const {
  constexpr bool kSameKeys = std::is_same_v<K, KT>;
  static_assert(kSameKeys,
                "Join, LeftJoin, OuterJoin of tables: the tables have keys of different types; "
                "join by a key that is in the row: Join(name, table, key of the row, function)");
  if constexpr (kSameKeys) {
    constexpr bool kOk = detail::CheckTableJoiner<kKind, F, K, V, VT>();
    if constexpr (kOk) {
      constexpr bool kMayMiss = kKind != detail::TableJoinKind::kInner;
      using V2 = detail::PlainT<detail::JoinedT<F, K, V, VT, kMayMiss>>;
      return Table<K, V2>(
          detail::AddTableJoin(handle_, other.handle(),
                               {detail::EraseJoiner<K, V, VT, kMayMiss>(std::move(join)), kKind},
                               store_of(std::type_identity<V2>())));
    } else {
      return *this;
    }
  } else {
    return *this;
  }
}

template <class K, class V>
template <class KT, class VT, class F>
auto Table<K, V>::Join(const Table<KT, VT>& other, F join) const {
  return JoinTable<detail::TableJoinKind::kInner>(other, std::move(join), NoSpec());
}
template <class K, class V>
template <class KT, class VT, class F>
auto Table<K, V>::Join(std::string store, const Table<KT, VT>& other, F join,
                       StoreOptions options) const {
  return JoinTable<detail::TableJoinKind::kInner>(other, std::move(join),
                                                  MakeSpec{std::move(store), options});
}

template <class K, class V>
template <class KT, class VT, class F>
auto Table<K, V>::LeftJoin(const Table<KT, VT>& other, F join) const {
  return JoinTable<detail::TableJoinKind::kLeft>(other, std::move(join), NoSpec());
}
template <class K, class V>
template <class KT, class VT, class F>
auto Table<K, V>::LeftJoin(std::string store, const Table<KT, VT>& other, F join,
                           StoreOptions options) const {
  return JoinTable<detail::TableJoinKind::kLeft>(other, std::move(join),
                                                 MakeSpec{std::move(store), options});
}

template <class K, class V>
template <class KT, class VT, class F>
auto Table<K, V>::OuterJoin(const Table<KT, VT>& other, F join) const {
  return JoinTable<detail::TableJoinKind::kOuter>(other, std::move(join), NoSpec());
}
template <class K, class V>
template <class KT, class VT, class F>
auto Table<K, V>::OuterJoin(std::string store, const Table<KT, VT>& other, F join,
                            StoreOptions options) const {
  return JoinTable<detail::TableJoinKind::kOuter>(other, std::move(join),
                                                  MakeSpec{std::move(store), options});
}

}  // namespace millrace
