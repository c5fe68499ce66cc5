// TableWriter: keeps a table's rows in its key-value or versioned store, and the row before each
// write if the table sends old values. Owned by the operator that makes the table. Thread: the
// task's.
#pragma once

#include "millrace/detail/codec.h"
#include "millrace/detail/erased_processor.h"
#include "millrace/detail/erased_record.h"
#include "millrace/detail/erased_store.h"
#include "millrace/detail/table_node.h"

namespace millrace::detail {

class TableWriter {
 public:
  // REQUIRES: the table has a store.
  void Init(ErasedContext* context, const TableNode& table);

  // The latest row of `key`; borrowed until the next call on the store.
  StoredValue Read(const void* key) {
    return versions_ == nullptr ? rows_->Get(key) : versions_->Get(key);
  }
  bool versioned() const { return versions_ != nullptr; }

  // Writes the update's row; null deletes it. Its old value is then the latest row before it, valid
  // until the next Write(); null when there was none, or when the table does not send old values.
  // False, and counted: the row changes nothing and must not be forwarded, since it is older than
  // the history, or is no latest row while the store keeps only those.
  [[nodiscard]] bool Write(ErasedRecord* update);

 private:
  const void* WriteRow(const ErasedRecord& update);
  bool WriteVersion(ErasedRecord* update);

  ErasedContext* context_ = nullptr;
  ErasedKeyValueStore* rows_ = nullptr;
  ErasedVersionedStore* versions_ = nullptr;  // instead of rows_
  bool send_old_values_ = false;
  ErasedValue old_;
};

}  // namespace millrace::detail
