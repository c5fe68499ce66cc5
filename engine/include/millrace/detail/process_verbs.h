// The verbs of Stream that run a Processor.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "millrace/detail/process_adapter.h"
#include "millrace/stream.h"

namespace millrace {

template <class K, class V>
template <bool kKeepsKey, class P>
auto Stream<K, V>::AddProcessor(std::string name, const std::vector<std::string>& stores,
                                detail::ProcessorFactory factory) const {
  return Stream<typename P::KeyOut, typename P::ValueOut>(detail::AddProcess(
      handle_, std::move(name), stores, std::move(factory), /*changes_key=*/!kKeepsKey));
}

template <class K, class V>
template <class P>
auto Stream<K, V>::Process(std::string name, std::vector<std::string> stores) const {
  constexpr bool kOk = detail::ProcessesStreamOf<P, K, V>() && std::is_default_constructible_v<P>;
  static_assert(kOk,
                "Process<P>: P derives from millrace::Processor<K, V, K2, V2> for a Stream<K, V> "
                "and is default-constructible, or pass a third argument that makes "
                "std::unique_ptr<P>");
  if constexpr (kOk) {
    return AddProcessor<false, P>(std::move(name), stores, detail::DefaultFactory<P>());
  } else {
    return *this;
  }
}

template <class K, class V>
template <class Factory>
auto Stream<K, V>::Process(std::string name, std::vector<std::string> stores, Factory make) const {
  using P = typename detail::ProcessorMadeBy<Factory>::Type;
  constexpr bool kOk = detail::ProcessesStreamOf<P, K, V>();
  static_assert(kOk,
                "Process: the factory is callable while const without arguments and returns "
                "std::unique_ptr<P>, where P derives from millrace::Processor<K, V, K2, V2> for a "
                "Stream<K, V>");
  if constexpr (kOk) {
    return AddProcessor<false, P>(std::move(name), stores,
                                  detail::EraseFactory<P>(std::move(make)));
  } else {
    return *this;
  }
}

template <class K, class V>
template <class P>
auto Stream<K, V>::ProcessValues(std::string name, std::vector<std::string> stores) const {
  constexpr bool kOk = detail::ProcessesValuesOf<P, K, V>() && std::is_default_constructible_v<P>;
  static_assert(kOk,
                "ProcessValues<P>: P derives from millrace::Processor<K, V, K, V2> for a "
                "Stream<K, V> and is default-constructible, or pass a third argument that makes "
                "std::unique_ptr<P>");
  if constexpr (kOk) {
    return AddProcessor<true, P>(std::move(name), stores, detail::DefaultFactory<P>());
  } else {
    return *this;
  }
}

template <class K, class V>
template <class Factory>
auto Stream<K, V>::ProcessValues(std::string name, std::vector<std::string> stores,
                                 Factory make) const {
  using P = typename detail::ProcessorMadeBy<Factory>::Type;
  constexpr bool kOk = detail::ProcessesValuesOf<P, K, V>();
  static_assert(kOk,
                "ProcessValues: the factory is callable while const without arguments and returns "
                "std::unique_ptr<P>, where P derives from millrace::Processor<K, V, K, V2> for a "
                "Stream<K, V>");
  if constexpr (kOk) {
    return AddProcessor<true, P>(std::move(name), stores, detail::EraseFactory<P>(std::move(make)));
  } else {
    return *this;
  }
}

}  // namespace millrace
