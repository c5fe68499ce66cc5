// The verbs of Stream that look into a global table.
#pragma once

#include <type_traits>
#include <utility>

#include "millrace/detail/functions.h"
#include "millrace/detail/join_functions.h"
#include "millrace/detail/verb_checks.h"
#include "millrace/global_table.h"
#include "millrace/stream.h"

namespace millrace {

namespace detail {

template <class F, class K, class V, class KG>
consteval bool SelectsGlobalKey() {
  if constexpr (kIsMapper<F, K, V>) {
    return std::is_same_v<PlainT<ResultOfT<F, K, V>>, KG>;
  } else {
    return false;
  }
}

}  // namespace detail

template <class K, class V>
template <bool kLeft, class KG, class VG, class S, class F>
auto Stream<K, V>::JoinGlobal(const GlobalTable<KG, VG>& table, S select, F join) const {
  constexpr bool kSelects = detail::SelectsGlobalKey<S, K, V, KG>();
  static_assert(kSelects,
                "Join, LeftJoin with a GlobalTable<KG, VG>: first pass a function that returns KG "
                "or std::optional<KG> and is callable while const as (const V&) or (const K&, "
                "const V&), or &V::member; pointers (const K*, const V*) see nulls");
  constexpr bool kJoins = detail::kIsJoiner<F, K, V, VG, kLeft>;
  static_assert(kJoins,
                "Join, LeftJoin with a GlobalTable<KG, VG>: then pass a function that returns V2 "
                "or std::optional<V2> and is callable while const as (const V&, const VG& row) or "
                "(const K&, const V&, const VG& row); in LeftJoin the row is a const VG*; const K* "
                "sees null keys");
  if constexpr (kSelects && kJoins) {
    using V2 = detail::PlainT<detail::JoinedT<F, K, V, VG, kLeft>>;
    return Stream<K, V2>(
        detail::AddGlobalJoin(handle_, table.handle(), detail::EraseMapper<K, V>(std::move(select)),
                              detail::EraseJoiner<K, V, VG, kLeft>(std::move(join)), kLeft));
  } else {
    return *this;
  }
}

template <class K, class V>
template <class KG, class VG, class S, class F>
auto Stream<K, V>::Join(const GlobalTable<KG, VG>& table, S select, F join) const {
  return JoinGlobal</*kLeft=*/false>(table, std::move(select), std::move(join));
}

template <class K, class V>
template <class KG, class VG, class S, class F>
auto Stream<K, V>::LeftJoin(const GlobalTable<KG, VG>& table, S select, F join) const {
  return JoinGlobal</*kLeft=*/true>(table, std::move(select), std::move(join));
}

}  // namespace millrace
