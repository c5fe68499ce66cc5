// Records that an operator keeps to let them out later, as the values of rows: what a dead letter
// and a result need of them, beside key and timestamp, which are in the row's key.
//
//   headers | topic | partition varint | offset varint | value bytes, up to the end
//
// where headers and topic are a size varint and so many bytes; headers as AppendHeaders writes
// them, the topic empty where the record came from none (a punctuation).
#pragma once

#include <string>
#include <string_view>

#include "millrace/detail/codec.h"
#include "millrace/detail/erased_processor.h"

namespace millrace::detail {

// `origin` may be null.
void AppendHeld(const ErasedRecord& record, const RecordMetadata* origin, const Codec* value,
                std::string* out);

// A record that is let out again: decoded for the step, and as bytes for a dead letter. One object
// serves a whole step: it keeps its memory.
class ReleasedRecord {
 public:
  // Takes apart what AppendHeld wrote, which the store has checked. Everything but `value` is kept
  // here; `key_bytes` and `held` must outlive its use.
  void Read(std::string_view key_bytes, Timestamp timestamp, std::string_view held);

  const HeldRecord& held() const { return held_; }
  const Headers& headers() const { return headers_; }
  std::string_view value_bytes() const { return *held_.record.value; }

 private:
  HeldRecord held_;
  Headers headers_;
};

}  // namespace millrace::detail
