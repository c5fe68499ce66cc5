// ErasedRecord: a record inside a sub-topology, as the compiled operators see it.
#pragma once

#include "millrace/headers.h"
#include "millrace/record.h"
#include "millrace/time.h"

namespace millrace::detail {

// Key and value point to decoded objects whose types the neighbouring nodes agree on; null = null.
// Borrowed: valid while Process() runs. On a table's edge the record is a change: `value` is the
// new row, `old_value` the row before it if the table was asked for it (null = none or not asked).
struct ErasedRecord {
  const void* key = nullptr;
  const void* value = nullptr;
  const void* old_value = nullptr;
  Timestamp timestamp = kNoTimestamp;
  const Headers* headers = &Headers::Empty();
  // Tables only: false when a newer version of the row is known (versioned tables).
  bool is_latest = true;

  ErasedRecord WithKey(const void* other) const {
    ErasedRecord copy = *this;
    copy.key = other;
    return copy;
  }
  ErasedRecord WithValue(const void* other) const {
    ErasedRecord copy = *this;
    copy.value = other;
    copy.old_value = nullptr;
    return copy;
  }
};

template <class K, class V>
Record<K, V> Typed(const ErasedRecord& record) {
  return {static_cast<const K*>(record.key), static_cast<const V*>(record.value), record.timestamp,
          record.headers};
}

template <class K, class V>
ErasedRecord Erase(const Record<K, V>& record) {
  return {record.key, record.value, nullptr, record.timestamp, record.headers};
}

}  // namespace millrace::detail
