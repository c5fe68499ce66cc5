// TableWriter: keeps a table's rows in its key-value store, and the row before each write if the
// table sends old values. Owned by the operator that makes the table. Thread: the task's.
#pragma once

#include "millrace/detail/codec.h"
#include "millrace/detail/erased_processor.h"
#include "millrace/detail/erased_store.h"
#include "millrace/detail/table_node.h"

namespace millrace::detail {

class TableWriter {
 public:
  // REQUIRES: the table has a store.
  void Init(ErasedContext* context, const TableNode& table);

  // The row of `key`; borrowed until the next call on the store.
  StoredValue Read(const void* key) { return store_->Get(key); }

  // Writes the row; null deletes it. Returns the row before it, valid until the next Write(); null
  // when there was none, or when the table does not send old values.
  const void* Write(const void* key, const void* value, Timestamp timestamp);

 private:
  ErasedKeyValueStore* store_ = nullptr;
  bool send_old_values_ = false;
  ErasedValue old_;
};

}  // namespace millrace::detail
