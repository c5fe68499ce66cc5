// The joins of Table by a key that is in the row: check the functions, erase them, add the steps.
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "millrace/detail/join_functions.h"
#include "millrace/detail/table_lowering.h"
#include "millrace/detail/verb_checks.h"
#include "millrace/table.h"

namespace millrace {

namespace detail {

template <class F, class K, class V, class KT>
consteval bool CheckForeignKey() {
  constexpr bool kOk = std::is_same_v<PlainT<ResultOfT<F, K, V>>, KT>;
  static_assert(kOk,
                "Join, LeftJoin by a key that is in the row: pass a function that returns the "
                "other table's key type KT or std::optional<KT> and is callable while const as "
                "(const V&) or (const K&, const V&), or &V::member");
  return kOk;
}

}  // namespace detail

template <class K, class V>
template <bool kLeft, class KT, class VT, class KeyOf, class F, class StoreOf>
auto Table<K, V>::JoinByForeignKey(std::string name, const Table<KT, VT>& other, KeyOf key_of,
                                   F join, StoreOf store_of,
                                   const ForeignKeyOptions<KT>& options) const {
  constexpr auto kKind = kLeft ? detail::TableJoinKind::kLeft : detail::TableJoinKind::kInner;
  if constexpr (!detail::CheckForeignKey<KeyOf, K, V, KT>()) {
    return *this;
  } else if constexpr (!detail::CheckTableJoiner<kKind, F, K, V, VT>() ||
                       !detail::CheckSerdes<K, V>() || !detail::CheckSerdes<KT, VT>()) {
    return *this;
  } else {
    using V2 = detail::PlainT<detail::JoinedT<F, K, V, VT, kLeft>>;
    detail::ForeignKeyStep step;
    step.name = std::move(name);
    step.join = {.foreign_key = detail::EraseMapper<K, V>(std::move(key_of)),
                 .join = detail::EraseJoiner<K, V, VT, kLeft>(std::move(join)),
                 .left = kLeft,
                 .key = detail::CodecOf<K>(),
                 .value = detail::CodecOf<V>(),
                 .other_key = detail::CodecOf<KT>(),
                 .other_value = detail::CodecOf<VT>(),
                 .store = {}};
    step.partitioner = options.partitioner.OrDefault();
    step.store = store_of(std::type_identity<V2>());
    return Table<K, V2>(detail::AddForeignKeyJoin(handle_, other.handle(), std::move(step)));
  }
}

template <class K, class V>
template <class KT, class VT, class KeyOf, class F>
auto Table<K, V>::Join(std::string name, const Table<KT, VT>& other, KeyOf key_of, F join,
                       ForeignKeyOptions<KT> how) const {
  return JoinByForeignKey</*kLeft=*/false>(std::move(name), other, std::move(key_of),
                                           std::move(join), NoSpec(), how);
}
template <class K, class V>
template <class KT, class VT, class KeyOf, class F>
auto Table<K, V>::Join(std::string name, std::string store, const Table<KT, VT>& other,
                       KeyOf key_of, F join, StoreOptions options,
                       ForeignKeyOptions<KT> how) const {
  return JoinByForeignKey</*kLeft=*/false>(std::move(name), other, std::move(key_of),
                                           std::move(join), MakeSpec{std::move(store), options},
                                           how);
}

template <class K, class V>
template <class KT, class VT, class KeyOf, class F>
auto Table<K, V>::LeftJoin(std::string name, const Table<KT, VT>& other, KeyOf key_of, F join,
                           ForeignKeyOptions<KT> how) const {
  return JoinByForeignKey</*kLeft=*/true>(std::move(name), other, std::move(key_of),
                                          std::move(join), NoSpec(), how);
}
template <class K, class V>
template <class KT, class VT, class KeyOf, class F>
auto Table<K, V>::LeftJoin(std::string name, std::string store, const Table<KT, VT>& other,
                           KeyOf key_of, F join, StoreOptions options,
                           ForeignKeyOptions<KT> how) const {
  return JoinByForeignKey</*kLeft=*/true>(std::move(name), other, std::move(key_of),
                                          std::move(join), MakeSpec{std::move(store), options},
                                          how);
}

}  // namespace millrace
