// TopRows<V>: the best rows of a group, best first. The row of a table that GroupedTable::Top
// makes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "millrace/detail/more_operators.h"
#include "millrace/serde.h"

namespace millrace {

template <class V>
struct TopRows {
  std::vector<V> rows;
  bool operator==(const TopRows&) const = default;
};

// Each row: its size, i32, then its bytes.
template <HasSerde V>
struct Serde<TopRows<V>> {
  static void Encode(const TopRows<V>& top, std::string* out) {
    for (const V& row : top.rows) {
      const size_t at = out->size();
      Serde<int32_t>::Encode(0, out);
      Serde<V>::Encode(row, out);
      std::string size;
      Serde<int32_t>::Encode(static_cast<int32_t>(out->size() - at - sizeof(int32_t)), &size);
      out->replace(at, sizeof(int32_t), size);
    }
  }
  static absl::Status Decode(std::string_view bytes, TopRows<V>* out) {
    out->rows.clear();
    while (!bytes.empty()) {
      int32_t size = 0;
      const absl::Status head = Serde<int32_t>::Decode(bytes.substr(0, sizeof(size)), &size);
      if (!head.ok()) return head;
      bytes.remove_prefix(sizeof(size));
      if (size < 0 || static_cast<size_t>(size) > bytes.size()) {
        return absl::InvalidArgumentError("a list of rows ends within a row");
      }
      const auto row_size = static_cast<size_t>(size);
      const absl::Status row =
          Serde<V>::Decode(bytes.substr(0, row_size), &out->rows.emplace_back());
      if (!row.ok()) return row;
      bytes.remove_prefix(row_size);
    }
    return absl::OkStatus();
  }
  static std::string ToJson(const TopRows<V>& top) {
    std::string json = "[";
    for (const V& row : top.rows) {
      if (json.size() > 1) json += ",";
      json += detail::ValueToJson(detail::CodecOf<V>(), &row);
    }
    return json + "]";
  }
};

namespace detail {

template <class V>
const TopCodec* TopCodecOf() {
  using Top = TopRows<V>;
  static const TopCodec codec = {
      CodecOf<Top>(),
      CodecOf<V>(),
      [](const void* top) { return static_cast<const Top*>(top)->rows.size(); },
      [](const void* top, size_t i) -> const void* {
        return &static_cast<const Top*>(top)->rows[i];
      },
      [](void* top, size_t i, const void* row) {
        auto& rows = static_cast<Top*>(top)->rows;
        rows.insert(rows.begin() + static_cast<std::ptrdiff_t>(i), *static_cast<const V*>(row));
      },
      [](void* top, size_t i) {
        auto& rows = static_cast<Top*>(top)->rows;
        rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(i));
      },
  };
  return &codec;
}

// Whether F says which of two rows is better, or ranks one row by something that can be compared.
template <class F, class V>
inline constexpr bool kComparesRows = std::is_invocable_r_v<bool, const F&, const V&, const V&>;
template <class F, class V>
consteval bool RanksRows() {
  if constexpr (std::is_invocable_v<const F&, const V&>) {
    using Rank = std::invoke_result_t<const F&, const V&>;
    return requires(const std::remove_cvref_t<Rank>& a) {
      { a < a } -> std::convertible_to<bool>;
    };
  } else {
    return false;
  }
}

template <class V, class F>
RowOrder EraseRowOrder(F f) {
  return [f = std::move(f)](const void* one, const void* two) -> bool {
    const V& a = *static_cast<const V*>(one);
    const V& b = *static_cast<const V*>(two);
    if constexpr (kComparesRows<F, V>) {
      return std::invoke(f, a, b);
    } else {
      return std::invoke(f, b) < std::invoke(f, a);
    }
  };
}

}  // namespace detail
}  // namespace millrace
