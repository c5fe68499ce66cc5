// The checks that several verbs share. Each returns whether the verb may go on, so that a wrong
// function gives one error, the message, and not those of the code behind it.
#pragma once

#include <string>
#include <utility>

#include "millrace/detail/fold_functions.h"
#include "millrace/detail/functions.h"
#include "millrace/detail/join_functions.h"
#include "millrace/detail/table_operators.h"
#include "millrace/store.h"

namespace millrace::detail {

template <class F, class K, class V>
consteval bool CheckPredicate() {
  constexpr bool kOk = kIsPredicate<F, K, V>;
  static_assert(kOk,
                "Filter, FilterNot, Branch: pass a function that returns bool and is callable "
                "while const as (const V&) or (const K&, const V&), or &V::member; pointers "
                "(const K*, const V*) see nulls");
  return kOk;
}

template <class F, class K, class V>
consteval bool CheckAction() {
  constexpr bool kOk = kIsAction<F, K, V>;
  static_assert(kOk,
                "Peek, ForEach: pass a function that is callable while const as (const V&) or "
                "(const K&, const V&); pointers (const K*, const V*) see nulls");
  return kOk;
}

template <class F, class K, class V>
consteval bool CheckSelector() {
  constexpr bool kOk = kIsMapper<F, K, V>;
  static_assert(kOk,
                "SelectKey, GroupBy: pass a function that returns K2 or std::optional<K2> and is "
                "callable while const as (const V&) or (const K&, const V&), or &V::member; "
                "pointers (const K*, const V*) see nulls");
  return kOk;
}

template <class K, class V>
consteval bool CheckSerdes() {
  static_assert(HasSerde<K>,
                "the key type has no Serde<K>, which topics and stores need; specialise "
                "millrace::Serde");
  static_assert(HasSerde<V>,
                "the value type has no Serde<V>, which topics and stores need; specialise "
                "millrace::Serde");
  return HasSerde<K> && HasSerde<V>;
}

// A new key means a repartition topic.
template <class F, class K, class V>
consteval bool CheckGroupSelector() {
  if constexpr (CheckSelector<F, K, V>()) {
    return CheckSerdes<PlainT<ResultOfT<F, K, V>>, V>();
  } else {
    return false;
  }
}

template <class K, class V>
StoreSpec CheckedSpec(std::string name, StoreOptions options) {
  if constexpr (CheckSerdes<K, V>()) {
    return KeyValueSpec<K, V>(std::move(name), options);
  } else {
    return {};
  }
}

template <class F, class K, class V>
consteval bool CheckReducer() {
  constexpr bool kOk = kIsFold<F, K, V, V>;
  static_assert(kOk,
                "Reduce: pass a function that is callable while const as (const V& aggregate, "
                "const V& value) and returns V or std::optional<V>, or as (V& aggregate, const V& "
                "value) and returns nothing; (const K&, const V& value, aggregate) has the key; "
                "const V* for the value sees the nulls of windows");
  if constexpr (kOk) {
    return CheckSerdes<K, V>();
  } else {
    return false;
  }
}

template <class Init, class F, class K, class V>
consteval bool CheckAggregator() {
  using A = typename InitialOf<Init>::Value;
  constexpr bool kOk = kIsFold<F, K, V, A> && kStartsFrom<F, Init, K, V, A>;
  static_assert(kOk,
                "Aggregate: A is the type of the initial value; pass a function that is callable "
                "while const as (const A& aggregate, const V& value) and returns A or "
                "std::optional<A>, or as (A& aggregate, const V& value) and returns nothing; "
                "(const K&, const V& value, aggregate) has the key; const V* for the value sees "
                "the nulls of windows; const A* for the aggregate sees a null initial value, "
                "which only it can start from");
  if constexpr (kOk) {
    return CheckSerdes<K, A>();
  } else {
    return false;
  }
}

template <class F, class K, class A>
consteval bool CheckMerger() {
  constexpr bool kOk = kIsMerger<F, K, A>;
  static_assert(kOk,
                "Aggregate of sessions: pass a function that makes one aggregate of two and is "
                "callable while const as (const A&, const A&) or (const K&, const A&, const A&) "
                "and returns A or std::optional<A>");
  return kOk;
}

template <class F, class K, class V, class A>
consteval bool CheckCogroup() {
  constexpr bool kOk = kIsFold<F, K, V, A>;
  static_assert(kOk,
                "Cogroup<A>: pass a function that is callable while const as (const A& aggregate, "
                "const V& value) and returns A or std::optional<A>, or as (A& aggregate, const V& "
                "value) and returns nothing; (const K&, const V& value, aggregate) has the key");
  if constexpr (kOk) {
    return CheckSerdes<K, A>();
  } else {
    return false;
  }
}

template <TableJoinKind kKind, class F, class K, class V, class VT>
consteval bool CheckTableJoiner() {
  constexpr bool kMayMiss = kKind != TableJoinKind::kInner;
  constexpr bool kCallable = kIsJoiner<F, K, V, VT, kMayMiss>;
  if constexpr (kKind == TableJoinKind::kInner) {
    static_assert(kCallable,
                  "Join of tables: pass a function that returns V2 or std::optional<V2> and is "
                  "callable while const as (const V&, const VT&) or (const K&, const V&, "
                  "const VT&)");
    return kCallable;
  } else if constexpr (kKind == TableJoinKind::kLeft) {
    static_assert(kCallable,
                  "LeftJoin of tables: pass a function that returns V2 or std::optional<V2> and "
                  "is callable while const as (const V&, const VT*) or (const K&, const V&, "
                  "const VT*)");
    return kCallable;
  } else {
    constexpr bool kOk = kCallable && !NeedsValue(ShapeOf<F, K, V, const VT*>());
    static_assert(kOk,
                  "OuterJoin of tables: pass a function that returns V2 or std::optional<V2> and "
                  "is callable while const as (const V*, const VT*) or (const K&, const V*, "
                  "const VT*)");
    return kOk;
  }
}

}  // namespace millrace::detail
