// The typed functions of joins, turned into the erased Joiner.
#pragma once

#include <type_traits>
#include <utility>

#include "millrace/detail/invoke.h"
#include "millrace/detail/operators.h"

namespace millrace::detail {

// Whether F takes the table's row by reference; a left join's function cannot.
template <class F, class K, class V, class VT>
inline constexpr bool kTakesRow = ShapeOf<F, K, V, const VT&>() != Shape::kNone;

// The type in which F takes the row.
template <class F, class K, class V, class VT, bool kLeft>
using RowT = std::conditional_t<!kLeft && kTakesRow<F, K, V, VT>, const VT&, const VT*>;

template <class F, class K, class V, class VT, bool kLeft>
using JoinedT = ResultOfT<F, K, V, RowT<F, K, V, VT, kLeft>>;

template <class F, class K, class V, class VT, bool kLeft>
inline constexpr bool kIsJoiner = !std::is_void_v<JoinedT<F, K, V, VT, kLeft>>;

// The function of an outer join sees both sides as pointers.
template <class F, class K, class V, class VR>
inline constexpr bool kIsOuterJoiner =
    kIsJoiner<F, K, V, VR, /*kLeft=*/true> && !NeedsValue(ShapeOf<F, K, V, const VR*>());

// The operator drops records without a value, and an inner join those without a key.
template <class K, class V, class VT, bool kLeft, class F>
Joiner EraseJoiner(F f) {
  return [f = std::move(f)](const ErasedRecord& record, const void* row, ValueSink sink) {
    using Row = RowT<F, K, V, VT, kLeft>;
    constexpr Shape kShape = ShapeOf<F, K, V, Row>();
    RequireKey<kShape>(record,
                       "join: null key, but the function takes const K&; const K* sees nulls");
    const VT* typed = static_cast<const VT*>(row);
    if constexpr (std::is_pointer_v<Row>) {
      const auto& result = Call<kShape, K, V>(f, record, typed);
      sink(AddressOf(result));
    } else {
      const auto& result = Call<kShape, K, V>(f, record, *typed);
      sink(AddressOf(result));
    }
  };
}

}  // namespace millrace::detail
