// Deduplicate.
#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include "millrace/detail/more_lowering.h"
#include "millrace/detail/verb_checks.h"
#include "millrace/stream.h"

namespace millrace {

template <class K, class V>
template <class D>
Stream<K, V> Stream<K, V>::AddDeduplicate(std::string store, Duration horizon,
                                          detail::ValueMapper select_id,
                                          DeduplicateOptions<K, V> options) const {
  if constexpr (detail::CheckSerdes<K, D>()) {
    detail::DeduplicateStep step;
    step.store = detail::KeyValueSpec<K, D>(
        std::move(store), {.in_memory = options.in_memory, .changelog = options.changelog});
    step.value = detail::CodecIfAny<V>();
    step.what.horizon = horizon;
    step.what.grace = options.grace.value_or(horizon);
    step.what.select_id = std::move(select_id);
    step.what.key = detail::CodecOf<K>();
    step.what.id = detail::CodecOf<D>();
    if (options.late.has_value()) step.late = detail::LateTopicOf(*options.late);
    return Stream(detail::AddDeduplicate(handle_, std::move(step)));
  } else {
    return *this;
  }
}

template <class K, class V>
Stream<K, V> Stream<K, V>::Deduplicate(std::string store, Duration horizon,
                                       DeduplicateOptions<K, V> options) const {
  return AddDeduplicate<K>(std::move(store), horizon, nullptr, std::move(options));
}

template <class K, class V>
template <class F>
Stream<K, V> Stream<K, V>::Deduplicate(std::string store, Duration horizon, F select,
                                       DeduplicateOptions<K, V> options) const {
  constexpr bool kOk = detail::kIsMapper<F, K, V>;
  static_assert(kOk,
                "Deduplicate: pass a function that returns an id, D or std::optional<D>, and is "
                "callable while const as (const V&) or (const K&, const V&), or &V::member; "
                "pointers (const K*, const V*) see nulls");
  if constexpr (kOk) {
    return AddDeduplicate<detail::PlainT<detail::ResultOfT<F, K, V>>>(
        std::move(store), horizon, detail::EraseMapper<K, V>(std::move(select)),
        std::move(options));
  } else {
    return *this;
  }
}

}  // namespace millrace
