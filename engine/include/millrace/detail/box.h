// How results of user functions get into the boxes that operators keep.
#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include "millrace/detail/codec.h"
#include "millrace/detail/invoke.h"

namespace millrace::detail {

template <class T>
inline constexpr bool kIsOptional = !std::is_same_v<PlainT<T>, std::remove_cvref_t<T>>;

// A result may be an A, a std::optional<A>, or whatever converts to one of them.
template <class R, class A>
inline constexpr bool kMakes = std::is_convertible_v<R, std::optional<A>>;

// Moves a result into the box; null for nullopt.
template <class A, class R>
const void* Place(R&& result, ErasedValue* box) {
  if constexpr (kIsOptional<R> || std::is_same_v<std::remove_cvref_t<R>, std::nullopt_t>) {
    std::optional<A> made(std::forward<R>(result));
    return made.has_value() ? Place<A>(*std::move(made), box) : nullptr;
  } else {
    void* target = box->Emplace(CodecOf<A>());
    *static_cast<A*>(target) = std::forward<R>(result);
    return target;
  }
}

}  // namespace millrace::detail
