// The joins of two streams.
#pragma once

#include <string>
#include <utility>

#include "millrace/detail/join_functions.h"
#include "millrace/detail/verb_checks.h"
#include "millrace/stream.h"

namespace millrace {

namespace detail {

// The stores keep both sides.
template <class F, class K, class V, class VR, bool kLeft, bool kRight>
consteval bool CheckStreamJoiner() {
  constexpr bool kOk = kRight ? kIsOuterJoiner<F, K, V, VR> : kIsJoiner<F, K, V, VR, kLeft>;
  if constexpr (kRight) {
    static_assert(kOk,
                  "OuterJoin: pass a function that returns V2 or std::optional<V2> and is callable "
                  "while const as (const V*, const VR*) or (const K&, const V*, const VR*); const "
                  "K* sees null keys");
  } else if constexpr (kLeft) {
    static_assert(kOk,
                  "LeftJoin: pass a function that returns V2 or std::optional<V2> and is callable "
                  "while const as (const V&, const VR*) or (const K&, const V&, const VR*); const "
                  "K* sees null keys");
  } else {
    static_assert(kOk,
                  "Join: pass a function that returns V2 or std::optional<V2> and is callable "
                  "while const as (const V&, const VR&) or (const K&, const V&, const VR&)");
  }
  if constexpr (kOk) {
    return CheckSerdes<K, V>() && CheckSerdes<K, VR>();
  } else {
    return false;
  }
}

}  // namespace detail

template <class K, class V>
template <bool kLeft, bool kRight, class VR, class F>
auto Stream<K, V>::JoinStream(std::string name, const Stream<K, VR>& other, JoinWindow window,
                              F join, JoinOptions<K, V, VR> options) const {
  if constexpr (detail::CheckStreamJoiner<F, K, V, VR, kLeft, kRight>()) {
    detail::StreamStreamJoin step;
    step.store = detail::KeyValueSpec<K, V>(
        name, {.in_memory = options.in_memory, .changelog = options.changelog});
    step.name = std::move(name);
    step.join.join = detail::EraseJoiner<K, V, VR, kLeft>(std::move(join));
    step.join.before = window.before;
    step.join.after = window.after;
    step.join.grace = window.grace;
    step.join.left_outer = kLeft;
    step.join.right_outer = kRight;
    step.join.kafka_streams_rules = options.kafka_streams_rules;
    step.join.key = detail::CodecOf<K>();
    step.join.left = detail::CodecOf<V>();
    step.join.right = detail::CodecOf<VR>();
    step.one_store = options.one_store;
    if (options.late.has_value()) step.late = detail::LateTopicOf(*options.late);
    if (options.other_late.has_value()) step.other_late = detail::LateTopicOf(*options.other_late);
    using V2 = detail::PlainT<detail::JoinedT<F, K, V, VR, kLeft>>;
    return Stream<K, V2>(detail::AddStreamStreamJoin(handle_, other.handle(), std::move(step)));
  } else {
    return *this;
  }
}

template <class K, class V>
template <class VR, class F>
auto Stream<K, V>::Join(std::string name, const Stream<K, VR>& other, JoinWindow window, F join,
                        JoinOptions<K, V, VR> options) const {
  return JoinStream</*kLeft=*/false, /*kRight=*/false>(std::move(name), other, window,
                                                       std::move(join), std::move(options));
}

template <class K, class V>
template <class VR, class F>
auto Stream<K, V>::LeftJoin(std::string name, const Stream<K, VR>& other, JoinWindow window, F join,
                            JoinOptions<K, V, VR> options) const {
  return JoinStream</*kLeft=*/true, /*kRight=*/false>(std::move(name), other, window,
                                                      std::move(join), std::move(options));
}

template <class K, class V>
template <class VR, class F>
auto Stream<K, V>::OuterJoin(std::string name, const Stream<K, VR>& other, JoinWindow window,
                             F join, JoinOptions<K, V, VR> options) const {
  return JoinStream</*kLeft=*/true, /*kRight=*/true>(std::move(name), other, window,
                                                     std::move(join), std::move(options));
}

}  // namespace millrace
