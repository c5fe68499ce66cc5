// The typed functions of Reduce and Aggregate, turned into the erased Aggregation.
#pragma once

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "millrace/detail/box.h"
#include "millrace/detail/operators.h"

namespace millrace::detail {

// How a function takes the aggregate, and what comes with it.
struct FoldShape {
  enum class Aggregate { kNone, kReference, kPointer, kInPlace };
  Aggregate aggregate = Aggregate::kNone;
  bool keyed = false;        // (key, value, aggregate) instead of (aggregate, value)
  bool null_values = false;  // the value is a pointer
};

template <class F, class A, class... Args>
consteval bool Folds() {
  if constexpr (!std::is_invocable_v<const F&, Args...>) {
    return false;
  } else {
    return kMakes<std::invoke_result_t<const F&, Args...>, A>;
  }
}
template <class F, class... Args>
consteval bool FoldsInPlace() {
  if constexpr (!std::is_invocable_v<const F&, Args...>) {
    return false;
  } else {
    return std::is_void_v<std::invoke_result_t<const F&, Args...>>;
  }
}

template <class F, class K, class A, class Value>
consteval FoldShape FoldShapeWith(bool null_values) {
  using enum FoldShape::Aggregate;
  if constexpr (Folds<F, A, const A&, Value>()) {
    return {kReference, false, null_values};
  } else if constexpr (Folds<F, A, const K&, Value, const A&>()) {
    return {kReference, true, null_values};
  } else if constexpr (FoldsInPlace<F, A&, Value>()) {
    return {kInPlace, false, null_values};
  } else if constexpr (FoldsInPlace<F, const K&, Value, A&>()) {
    return {kInPlace, true, null_values};
  } else if constexpr (Folds<F, A, const A*, Value>()) {
    return {kPointer, false, null_values};
  } else if constexpr (Folds<F, A, const K&, Value, const A*>()) {
    return {kPointer, true, null_values};
  } else {
    return {};
  }
}

// References are tried before pointers, as in ShapeOf.
template <class F, class K, class V, class A>
consteval FoldShape FoldShapeOf() {
  if constexpr (!std::is_copy_constructible_v<F>) {
    return {};
  } else {
    constexpr FoldShape kWithValues = FoldShapeWith<F, K, A, const V&>(false);
    if constexpr (kWithValues.aggregate != FoldShape::Aggregate::kNone) {
      return kWithValues;
    } else {
      return FoldShapeWith<F, K, A, const V*>(true);
    }
  }
}

template <class F, class K, class V, class A>
inline constexpr bool kIsFold = FoldShapeOf<F, K, V, A>().aggregate != FoldShape::Aggregate::kNone;

// `aggregate` is what the shape takes: A&, const A& or const A*. Aggregations drop null keys.
template <class F, class K, class V, class A, class Aggregate>
decltype(auto) CallFold(const F& f, const ErasedRecord& record, Aggregate&& aggregate) {
  constexpr FoldShape kShape = FoldShapeOf<F, K, V, A>();
  [[maybe_unused]] const K* key = static_cast<const K*>(record.key);
  const V* value = static_cast<const V*>(record.value);
  if constexpr (kShape.keyed && kShape.null_values) {
    return f(*key, value, aggregate);
  } else if constexpr (kShape.keyed) {
    return f(*key, *value, aggregate);
  } else if constexpr (kShape.null_values) {
    return f(aggregate, value);
  } else {
    return f(aggregate, *value);
  }
}

// In place works on a copy in the box, so that a throw leaves the stored aggregate as it was.
template <class K, class V, class A, class F>
const void* Fold(const F& f, const ErasedRecord& record, const void* before, ErasedValue* box) {
  constexpr auto kAggregate = FoldShapeOf<F, K, V, A>().aggregate;
  const A* old = static_cast<const A*>(before);
  if constexpr (kAggregate == FoldShape::Aggregate::kInPlace) {
    box->Assign(CodecOf<A>(), before);
    CallFold<F, K, V, A>(f, record, *static_cast<A*>(box->get()));
    return box->get();
  } else if constexpr (kAggregate == FoldShape::Aggregate::kPointer) {
    return Place<A>(CallFold<F, K, V, A>(f, record, old), box);
  } else {
    return Place<A>(CallFold<F, K, V, A>(f, record, *old), box);
  }
}

// The first value of a key is its first aggregate.
template <class V, class K, class F>
Aggregation ReduceAggregation(F f) {
  Aggregation aggregation;
  aggregation.codec = CodecOf<V>();
  aggregation.takes_null_values = FoldShapeOf<F, K, V, V>().null_values;
  aggregation.apply = [f = std::move(f)](const ErasedRecord& record, const void* before,
                                         ErasedValue* box) -> const void* {
    return before == nullptr ? record.value : Fold<K, V, V>(f, record, before, box);
  };
  aggregation.merge = [apply = aggregation.apply](const void* key, const void* one, const void* two,
                                                  ErasedValue* box) {
    ErasedRecord record;
    record.key = key;
    record.value = two;
    return apply(record, one, box);
  };
  return aggregation;
}

// What Aggregate starts from: a value, or a function that makes one; std::optional may be null.
template <class Init>
struct InitialOf {
  static auto Find() {
    if constexpr (std::is_invocable_v<const Init&>) {
      return std::type_identity<std::remove_cvref_t<std::invoke_result_t<const Init&>>>();
    } else if constexpr (std::is_same_v<Init, const char*>) {
      return std::type_identity<std::string>();
    } else {
      return std::type_identity<Init>();
    }
  }
  using Result = typename decltype(Find())::type;
  using Value = PlainT<Result>;
  static constexpr bool kMayBeNull = kIsOptional<Result>;
};

// A function that takes the aggregate by reference cannot start from null.
template <class F, class Init, class K, class V, class A>
inline constexpr bool kStartsFrom =
    !InitialOf<Init>::kMayBeNull ||
    FoldShapeOf<F, K, V, A>().aggregate == FoldShape::Aggregate::kPointer;

// How an aggregation starts.
template <class Init>
auto EraseInitial(Init init) -> decltype(Aggregation::initial) {
  using A = typename InitialOf<Init>::Value;
  if constexpr (std::is_invocable_v<const Init&>) {
    return [init = std::move(init)](ErasedValue* box) { return Place<A>(init(), box); };
  } else {
    const typename InitialOf<Init>::Result value(std::move(init));
    return [value](ErasedValue*) { return AddressOf(value); };
  }
}

// Makes one aggregate of two: (const A&, const A&) -> A, or with the key in front.
template <class F, class K, class A>
inline constexpr bool kIsMerger = std::is_copy_constructible_v<F> &&
                                  (Folds<F, A, const A&, const A&>() ||
                                   Folds<F, A, const K&, const A&, const A&>());

template <class K, class A, class F>
auto EraseMerger(F f) -> decltype(Aggregation::merge) {
  return [f = std::move(f)](const void* key, const void* one, const void* two,
                            ErasedValue* box) -> const void* {
    if (one == nullptr || two == nullptr) return one == nullptr ? two : one;
    const A& a = *static_cast<const A*>(one);
    const A& b = *static_cast<const A*>(two);
    if constexpr (Folds<F, A, const A&, const A&>()) {
      return Place<A>(f(a, b), box);
    } else {
      return Place<A>(f(*static_cast<const K*>(key), a, b), box);
    }
  };
}

// Without its start, which Cogroup learns later.
template <class K, class V, class A, class F>
Aggregation FoldWithoutInitial(F f) {
  Aggregation aggregation;
  aggregation.codec = CodecOf<A>();
  aggregation.takes_null_values = FoldShapeOf<F, K, V, A>().null_values;
  aggregation.apply = [f = std::move(f)](const ErasedRecord& record, const void* before,
                                         ErasedValue* box) {
    return Fold<K, V, A>(f, record, before, box);
  };
  return aggregation;
}

template <class K, class V, class Init, class F>
Aggregation FoldAggregation(Init init, F f) {
  Aggregation aggregation = FoldWithoutInitial<K, V, typename InitialOf<Init>::Value>(std::move(f));
  aggregation.initial = EraseInitial(std::move(init));
  return aggregation;
}

}  // namespace millrace::detail
