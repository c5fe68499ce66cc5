// The records between the two steps of a table's aggregation:
//
//   flags u8: 1 = a value goes, 2 = a value comes | size of the one that goes, varint | it | the
//   one that comes, up to the end
//
// Parts that the flags do not name are left out. In a repartition topic, so it must stay readable.
#pragma once

#include <string>

#include "millrace/detail/codec.h"
#include "millrace/serde.h"

namespace millrace::detail {

// Overwrites *out. Null: no such value.
void EncodeChange(const Codec* codec, const void* goes, const void* comes, Bytes* out);

// One object serves a whole step: it keeps its memory. Thread: the task's.
class DecodedChange {
 public:
  // Bytes that are no change are poison. What the getters return is valid until the next call.
  void Decode(const Codec* codec, const Bytes& bytes);
  const void* goes() const { return goes_; }
  const void* comes() const { return comes_; }

 private:
  ErasedValue goes_box_;
  ErasedValue comes_box_;
  const void* goes_ = nullptr;
  const void* comes_ = nullptr;
};

}  // namespace millrace::detail
