// Split, and what follows it.
#pragma once

#include <array>
#include <utility>
#include <vector>

#include "millrace/detail/verb_checks.h"
#include "millrace/stream.h"

namespace millrace {

template <class K, class V>
BranchedStream<K, V, 0> Stream<K, V>::Split() const {
  return BranchedStream<K, V, 0>(handle_, {});
}

template <class K, class V, size_t kBranches>
template <class F>
BranchedStream<K, V, kBranches + 1> BranchedStream<K, V, kBranches>::Branch(F matches) && {
  if constexpr (detail::CheckPredicate<F, K, V>()) {
    predicates_.push_back(detail::ErasePredicate<K, V>(std::move(matches)));
  }
  return {std::move(parent_), std::move(predicates_)};
}

namespace detail {

template <class S, size_t... kIndex>
std::array<S, sizeof...(kIndex)> AsStreams(const std::vector<StreamHandle>& handles,
                                           std::index_sequence<kIndex...>) {
  return {S(handles[kIndex])...};
}

}  // namespace detail

template <class K, class V, size_t kBranches>
std::array<Stream<K, V>, kBranches + 1> BranchedStream<K, V, kBranches>::Default() && {
  predicates_.push_back(nullptr);
  return detail::AsStreams<Stream<K, V>>(detail::AddSplit(parent_, std::move(predicates_)),
                                         std::make_index_sequence<kBranches + 1>());
}

template <class K, class V, size_t kBranches>
std::array<Stream<K, V>, kBranches> BranchedStream<K, V, kBranches>::NoDefault() && {
  return detail::AsStreams<Stream<K, V>>(detail::AddSplit(parent_, std::move(predicates_)),
                                         std::make_index_sequence<kBranches>());
}

}  // namespace millrace
