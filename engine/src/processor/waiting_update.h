// WaitingUpdate: an update of a table as the buffer of Suppress keeps it:
//
//   timestamp i64 | end of the key's window i64 | size u32, headers | size u32, value | old value
//
// Each value is a byte, 0 for null or 1, then its bytes. The end is there because the bytes of a
// windowed key lack it. One object serves a whole step: it keeps its memory. Thread: the task's.
#pragma once

#include <string>
#include <string_view>

#include "millrace/detail/operators.h"
#include "millrace/serde.h"

namespace millrace::detail {

void AppendSuppressTime(Timestamp time, std::string* out);
// Of a row's key: mark, time, key bytes.
Timestamp SuppressTimeOf(std::string_view row_key);
std::string_view SuppressKeyOf(std::string_view row_key);

class WaitingUpdate {
 public:
  // Borrows `what`.
  explicit WaitingUpdate(const Suppression& what) : what_(what) {}

  // The first update of a key: what the table showed before it stays as the old value.
  void Start(const ErasedRecord& record, bool keep_old_value);
  // An update that waits already. Null, after a failed read: as if it had had no old value.
  void Load(const Bytes* bytes);
  // Takes over everything but the old value.
  void Replace(const ErasedRecord& record);

  const Bytes& bytes() const { return bytes_; }
  // The update with a decoded key; valid until the next call. A row that cannot be read is a bug:
  // the store checks what it reads.
  ErasedRecord Decode(std::string_view key_bytes);

 private:
  const void* DecodeValue(std::string_view bytes, ErasedValue* box);

  const Suppression& what_;
  Bytes bytes_;
  std::string old_value_;  // with its leading byte
  std::string part_;
  ErasedValue key_box_;
  ErasedValue value_box_;
  ErasedValue old_box_;
  Headers headers_;
};

}  // namespace millrace::detail
