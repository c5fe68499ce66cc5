// CountAggregation: how many records a key, or a window of it, has had; or how many rows of a table
// a group has.
#include <cstdint>

#include "millrace/detail/table_operators.h"

namespace millrace::detail {

Aggregation CountAggregation() {
  static constexpr int64_t kZero = 0;
  Aggregation aggregation;
  aggregation.codec = CodecOf<int64_t>();
  aggregation.initial = [](ErasedValue*) -> const void* { return &kZero; };
  aggregation.apply = [](const ErasedRecord&, const void* before, ErasedValue* box) -> const void* {
    void* count = box->Emplace(CodecOf<int64_t>());
    *static_cast<int64_t*>(count) = *static_cast<const int64_t*>(before) + 1;
    return count;
  };
  aggregation.takes_null_values = true;
  aggregation.merge = [](const void*, const void* one, const void* two,
                         ErasedValue* box) -> const void* {
    void* count = box->Emplace(CodecOf<int64_t>());
    *static_cast<int64_t*>(count) =
        *static_cast<const int64_t*>(one) + *static_cast<const int64_t*>(two);
    return count;
  };
  return aggregation;
}

TableAggregation CountRowsAggregation() {
  TableAggregation aggregation;
  aggregation.add = CountAggregation();
  aggregation.subtract = [](const ErasedRecord&, const void* before,
                            ErasedValue* box) -> const void* {
    void* count = box->Emplace(CodecOf<int64_t>());
    *static_cast<int64_t*>(count) = *static_cast<const int64_t*>(before) - 1;
    return count;
  };
  return aggregation;
}

}  // namespace millrace::detail
