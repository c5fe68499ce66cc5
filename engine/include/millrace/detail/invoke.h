// How a user's function is called with a record: found out at compile time from what it accepts.
//
// A parameter written as a reference (or by value) is for non-null only; one written as a pointer
// gets null pointers too. Functions are called while const and on several threads (one per task):
// they may not keep state; that is what Process() is for.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "millrace/detail/erased_record.h"
#include "millrace/detail/poison.h"
#include "millrace/emit.h"

namespace millrace::detail {

// The leading parameters of a function: value, or key and value; p = by pointer.
enum class Shape { kNone, kV, kKV, kKVp, kKpV, kKpVp, kVp };

constexpr bool NeedsKey(Shape shape) { return shape == Shape::kKV || shape == Shape::kKVp; }
constexpr bool NeedsValue(Shape shape) {
  return shape == Shape::kV || shape == Shape::kKV || shape == Shape::kKpV;
}

// The shape of F when called with a record and then `Rest`. References are tried before pointers,
// so that a generic lambda's `const auto&` is the value.
template <class F, class K, class V, class... Rest>
consteval Shape ShapeOf() {
  if constexpr (!std::is_copy_constructible_v<F>) {
    return Shape::kNone;
  } else if constexpr (std::is_invocable_v<const F&, const V&, Rest...>) {
    return Shape::kV;
  } else if constexpr (std::is_invocable_v<const F&, const K&, const V&, Rest...>) {
    return Shape::kKV;
  } else if constexpr (std::is_invocable_v<const F&, const V*, Rest...>) {
    return Shape::kVp;
  } else if constexpr (std::is_invocable_v<const F&, const K&, const V*, Rest...>) {
    return Shape::kKVp;
  } else if constexpr (std::is_invocable_v<const F&, const K*, const V&, Rest...>) {
    return Shape::kKpV;
  } else if constexpr (std::is_invocable_v<const F&, const K*, const V*, Rest...>) {
    return Shape::kKpVp;
  } else {
    return Shape::kNone;
  }
}

// Calls f as its shape says. REQUIRES: what the shape needs is not null.
template <Shape S, class K, class V, class F, class... Rest>
decltype(auto) Call(const F& f, const ErasedRecord& record, Rest&&... rest) {
  [[maybe_unused]] const K* key = static_cast<const K*>(record.key);
  [[maybe_unused]] const V* value = static_cast<const V*>(record.value);
  if constexpr (S == Shape::kV) {
    return std::invoke(f, *value, std::forward<Rest>(rest)...);
  } else if constexpr (S == Shape::kKV) {
    return std::invoke(f, *key, *value, std::forward<Rest>(rest)...);
  } else if constexpr (S == Shape::kKVp) {
    return std::invoke(f, *key, value, std::forward<Rest>(rest)...);
  } else if constexpr (S == Shape::kKpV) {
    return std::invoke(f, key, *value, std::forward<Rest>(rest)...);
  } else if constexpr (S == Shape::kKpVp) {
    return std::invoke(f, key, value, std::forward<Rest>(rest)...);
  } else {
    return std::invoke(f, value, std::forward<Rest>(rest)...);
  }
}

// What f returns for a record; void when it cannot be called with one.
template <class F, class K, class V, class... Rest>
struct ResultOf {
  static constexpr Shape kShape = ShapeOf<F, K, V, Rest...>();
  static auto Find() {
    if constexpr (kShape == Shape::kNone) {
      return std::type_identity<void>();
    } else {
      return std::type_identity<decltype(Call<kShape, K, V>(std::declval<const F&>(),
                                                            std::declval<const ErasedRecord&>(),
                                                            std::declval<Rest>()...))>();
    }
  }
  using Type = typename decltype(Find())::type;
};
template <class F, class K, class V, class... Rest>
using ResultOfT = typename ResultOf<F, K, V, Rest...>::Type;

// T without references and without std::optional.
template <class T>
struct WithoutOptional {
  using Type = T;
};
template <class T>
struct WithoutOptional<std::optional<T>> {
  using Type = T;
};
template <class T>
using PlainT = typename WithoutOptional<std::remove_cvref_t<T>>::Type;

// The address of a result; null for nullopt.
template <class T>
const void* AddressOf(const T& result) {
  return std::addressof(result);
}
template <class T>
const void* AddressOf(const std::optional<T>& result) {
  return result.has_value() ? std::addressof(*result) : nullptr;
}

// A reference cannot be made to a null key: the record is poison.
template <Shape S>
void RequireKey(const ErasedRecord& record, const char* message) {
  if (NeedsKey(S) && record.key == nullptr) RaisePoison(message);
}

// What a FlatMap function emits, found in the type of its last parameter: Emit<…>. `Type` is void
// for a function without such a parameter, or a generic lambda, whose parameters cannot be seen.
template <class... T>
struct EmitTypes {
  using Type = void;
};
template <class... T>
struct EmitTypes<Emit<T...>> {
  using Type = Emit<T...>;
};

template <class F>
struct EmitOf {
  template <class R, class C, class... Args>
  static auto Last(R (C::*)(Args...) const) {
    return LastArgument<Args...>();
  }
  template <class R, class C, class... Args>
  static auto Last(R (C::*)(Args...) const noexcept) {
    return LastArgument<Args...>();
  }
  template <class R, class... Args>
  static auto Last(R (*)(Args...)) {
    return LastArgument<Args...>();
  }
  template <class... Args>
  static auto LastArgument() {
    if constexpr (sizeof...(Args) == 0) {
      return EmitTypes<void>();
    } else {
      using T = std::tuple_element_t<sizeof...(Args) - 1, std::tuple<Args...>>;
      return EmitTypes<std::remove_cvref_t<T>>();
    }
  }
  static auto Find() {
    if constexpr (std::is_class_v<F>) {
      if constexpr (requires { Last(&F::operator()); }) {
        return Last(&F::operator());
      } else {
        return EmitTypes<void>();
      }
    } else if constexpr (requires(F f) { Last(f); }) {
      return Last(F());
    } else {
      return EmitTypes<void>();
    }
  }
  using Type = typename decltype(Find())::Type;
};

}  // namespace millrace::detail
