// The stateless verbs of Stream: check the function, erase it, add the step.
#pragma once

#include <string>
#include <utility>

#include "millrace/detail/verb_checks.h"
#include "millrace/stream.h"

namespace millrace {

template <class K, class V>
template <class F>
Stream<K, V> Stream<K, V>::Filter(F matches) const {
  if constexpr (detail::CheckPredicate<F, K, V>()) {
    return Stream(detail::AddStep(
        handle_, "filter",
        detail::MakeFilter(detail::ErasePredicate<K, V>(std::move(matches)), /*negate=*/false)));
  } else {
    return *this;
  }
}

template <class K, class V>
template <class F>
Stream<K, V> Stream<K, V>::FilterNot(F matches) const {
  if constexpr (detail::CheckPredicate<F, K, V>()) {
    return Stream(detail::AddStep(
        handle_, "filter-not",
        detail::MakeFilter(detail::ErasePredicate<K, V>(std::move(matches)), /*negate=*/true)));
  } else {
    return *this;
  }
}

template <class K, class V>
template <class F>
auto Stream<K, V>::Map(F map) const {
  constexpr bool kOk = detail::kIsPairMapper<F, K, V>;
  static_assert(kOk,
                "Map: pass a function that returns millrace::KeyValue<K2, V2> and is callable "
                "while const as (const V&) or (const K&, const V&); pointers (const K*, const V*) "
                "see nulls");
  if constexpr (kOk) {
    using Parts = detail::KeyValueTypes<std::remove_cvref_t<detail::ResultOfT<F, K, V>>>;
    return Stream<typename Parts::Key, typename Parts::Value>(detail::AddRekeyingStep(
        handle_, "map", detail::MakeMap(detail::ErasePairMapper<K, V>(std::move(map)))));
  } else {
    return *this;
  }
}

template <class K, class V>
template <class F>
auto Stream<K, V>::MapValues(F map) const {
  constexpr bool kOk = detail::kIsMapper<F, K, V>;
  static_assert(kOk,
                "MapValues: pass a function that returns V2 or std::optional<V2> and is callable "
                "while const as (const V&) or (const K&, const V&), or &V::member; pointers "
                "(const K*, const V*) see nulls");
  if constexpr (kOk) {
    return Stream<K, detail::PlainT<detail::ResultOfT<F, K, V>>>(detail::AddStep(
        handle_, "map-values", detail::MakeMapValues(detail::EraseMapper<K, V>(std::move(map)))));
  } else {
    return *this;
  }
}

template <class K, class V>
template <class F>
auto Stream<K, V>::FlatMap(F map) const {
  constexpr bool kOk = detail::IsFlatMapper<F, K, V, 2>();
  static_assert(kOk,
                "FlatMap: pass a function, not a generic one, that is callable while const as "
                "(const V&, Emit<K2, V2>&) or (const K&, const V&, Emit<K2, V2>&); pointers "
                "(const K*, const V*, …) see nulls");
  if constexpr (kOk) {
    using E = typename detail::EmitOf<F>::Type;
    using Parts = detail::EmitParts<E>;
    return Stream<typename Parts::Key, typename Parts::Value>(detail::AddRekeyingStep(
        handle_, "flat-map",
        detail::MakeMap(detail::EraseFlatMapper<K, V, E, detail::PairMapper, detail::PairSink>(
            std::move(map)))));
  } else {
    return *this;
  }
}

template <class K, class V>
template <class F>
auto Stream<K, V>::FlatMapValues(F map) const {
  constexpr bool kOk = detail::IsFlatMapper<F, K, V, 1>();
  static_assert(kOk,
                "FlatMapValues: pass a function, not a generic one, that is callable while const "
                "as (const V&, Emit<V2>&) or (const K&, const V&, Emit<V2>&); pointers "
                "(const K*, const V*, …) see nulls");
  if constexpr (kOk) {
    using E = typename detail::EmitOf<F>::Type;
    return Stream<K, typename detail::EmitParts<E>::Value>(detail::AddStep(
        handle_, "flat-map-values",
        detail::MakeMapValues(
            detail::EraseFlatMapper<K, V, E, detail::ValueMapper, detail::ValueSink>(
                std::move(map)))));
  } else {
    return *this;
  }
}

template <class K, class V>
template <class F>
auto Stream<K, V>::SelectKey(F select) const {
  if constexpr (detail::CheckSelector<F, K, V>()) {
    return Stream<detail::PlainT<detail::ResultOfT<F, K, V>>, V>(detail::AddRekeyingStep(
        handle_, "select-key",
        detail::MakeSelectKey(detail::EraseMapper<K, V>(std::move(select)))));
  } else {
    return *this;
  }
}

template <class K, class V>
template <class F>
Stream<K, V> Stream<K, V>::Peek(F look) const {
  if constexpr (detail::CheckAction<F, K, V>()) {
    return Stream(detail::AddStep(handle_, "peek",
                                  detail::MakePeek(detail::EraseAction<K, V>(std::move(look)))));
  } else {
    return *this;
  }
}

template <class K, class V>
template <class F>
void Stream<K, V>::ForEach(F look) const {
  if constexpr (detail::CheckAction<F, K, V>()) {
    detail::AddStep(handle_, "for-each",
                    detail::MakeForEach(detail::EraseAction<K, V>(std::move(look))));
  }
}

template <class K, class V>
Stream<K, V> Stream<K, V>::Merge(const Stream& other) const {
  return Stream(detail::AddMerge(handle_, other.handle_));
}

template <class K, class V>
template <class F>
auto Stream<K, V>::Via(F&& f) const {
  constexpr bool kOk = std::is_invocable_v<F, const Stream&>;
  static_assert(kOk,
                "Via: pass a function that is callable as (const Stream<K, V>&); what it returns "
                "is the result");
  if constexpr (kOk) {
    return std::forward<F>(f)(*this);
  } else {
    return *this;
  }
}

}  // namespace millrace
