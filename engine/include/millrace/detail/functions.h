// The typed functions of stateless steps, turned into the erased ones that the operators run, and
// the checks behind the messages of static_assert. Which null reaches which function is stated in
// stream.h.
#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include "millrace/detail/invoke.h"
#include "millrace/detail/operators.h"
#include "millrace/emit.h"
#include "millrace/time.h"

namespace millrace::detail {

template <class F, class K, class V>
inline constexpr bool kIsPredicate =
    ShapeOf<F, K, V>() != Shape::kNone&& std::is_convertible_v<ResultOfT<F, K, V>, bool>;
template <class F, class K, class V>
inline constexpr bool kIsAction = ShapeOf<F, K, V>() != Shape::kNone;
template <class F, class K, class V>
inline constexpr bool kIsMapper = ShapeOf<F, K, V>() != Shape::kNone &&
                                  !std::is_void_v<ResultOfT<F, K, V>>;

template <class T>
struct KeyValueTypes {
  static constexpr bool kOk = false;
};
template <class K, class V>
struct KeyValueTypes<KeyValue<K, V>> {
  static constexpr bool kOk = true;
  using Key = PlainT<K>;
  using Value = PlainT<V>;
};
template <class F, class K, class V>
inline constexpr bool kIsPairMapper =
    kIsMapper<F, K, V>&& KeyValueTypes<std::remove_cvref_t<ResultOfT<F, K, V>>>::kOk;

template <class E>
struct EmitParts {
  static constexpr int kCount = 0;
};
template <class V2>
struct EmitParts<Emit<V2>> {
  static constexpr int kCount = 1;
  using Value = V2;
};
template <class K2, class V2>
struct EmitParts<Emit<K2, V2>> {
  static constexpr int kCount = 2;
  using Key = K2;
  using Value = V2;
};
// FlatMap takes an Emit of two types, FlatMapValues of one.
template <class F, class K, class V, int kCount>
consteval bool IsFlatMapper() {
  using E = typename EmitOf<F>::Type;
  if constexpr (EmitParts<E>::kCount != kCount) {
    return false;
  } else {
    return ShapeOf<F, K, V, E&>() != Shape::kNone;
  }
}

template <class F, class K, class V>
inline constexpr bool kIsTopicChooser =
    ShapeOf<F, K, V>() != Shape::kNone&& std::is_convertible_v<ResultOfT<F, K, V>, std::string>;

// Null does not match.
template <class K, class V, class F>
Predicate ErasePredicate(F f) {
  return [f = std::move(f)](const ErasedRecord& record) -> bool {
    constexpr Shape kShape = ShapeOf<F, K, V>();
    if (NeedsKey(kShape) && record.key == nullptr) return false;
    if (NeedsValue(kShape) && record.value == nullptr) return false;
    return Call<kShape, K, V>(f, record);
  };
}

// Null is not looked at.
template <class K, class V, class F>
RecordAction EraseAction(F f) {
  return [f = std::move(f)](const ErasedRecord& record) {
    constexpr Shape kShape = ShapeOf<F, K, V>();
    if (NeedsKey(kShape) && record.key == nullptr) return;
    if (NeedsValue(kShape) && record.value == nullptr) return;
    Call<kShape, K, V>(f, record);
  };
}

// A null value makes a null result.
template <class K, class V, class F>
ValueMapper EraseMapper(F f) {
  return [f = std::move(f)](const ErasedRecord& record, ValueSink sink) {
    constexpr Shape kShape = ShapeOf<F, K, V>();
    if (NeedsValue(kShape) && record.value == nullptr) return sink(nullptr);
    RequireKey<kShape>(record, "null key, but the function takes const K&; const K* sees nulls");
    const auto& result = Call<kShape, K, V>(f, record);
    sink(AddressOf(result));
  };
}

template <class K, class V, class F>
PairMapper ErasePairMapper(F f) {
  return [f = std::move(f)](const ErasedRecord& record, PairSink sink) {
    constexpr Shape kShape = ShapeOf<F, K, V>();
    RequireKey<kShape>(record,
                       "Map: null key, but the function takes const K&; const K* sees nulls");
    if (NeedsValue(kShape) && record.value == nullptr) {
      RaisePoison("Map: null value, but the function takes const V&; const V* sees nulls");
    }
    const auto& result = Call<kShape, K, V>(f, record);
    sink(AddressOf(result.key), AddressOf(result.value));
  };
}

// A null value makes nothing.
template <class K, class V, class E, class Mapper, class Sink, class F>
Mapper EraseFlatMapper(F f) {
  return [f = std::move(f)](const ErasedRecord& record, Sink sink) {
    constexpr Shape kShape = ShapeOf<F, K, V, E&>();
    if (NeedsValue(kShape) && record.value == nullptr) return;
    RequireKey<kShape>(record, "null key, but the function takes const K&; const K* sees nulls");
    E emit(sink);
    Call<kShape, K, V>(f, record, emit);
  };
}

// A null that the function does not take is poison: there is no topic for it.
template <class K, class V, class F>
std::function<std::string(const ErasedRecord&)> EraseTopicChooser(F f) {
  return [f = std::move(f)](const ErasedRecord& record) -> std::string {
    constexpr Shape kShape = ShapeOf<F, K, V>();
    RequireKey<kShape>(record, "To: null key, but the chooser takes const K&; const K* sees nulls");
    if (NeedsValue(kShape) && record.value == nullptr) {
      RaisePoison("To: null value, but the chooser takes const V&; const V* sees nulls");
    }
    return Call<kShape, K, V>(f, record);
  };
}

}  // namespace millrace::detail
