// BufferedTable: the rows of one store, as the open transaction sees them: the write-back buffer
// over a table of the backend, values decoded. The kinds of stores differ only in how they make row
// keys; what they share is here. Thread: the task's.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "millrace/detail/erased_store.h"
#include "store/row_format.h"
#include "store/rows_begin.h"
#include "store/size_estimate.h"
#include "store/store_backend.h"
#include "store/store_context.h"
#include "store/task_stores.h"
#include "store/write_back_buffer.h"

namespace millrace::store {

class RowCursor;

class BufferedTable {
 public:
  // Borrows everything.
  BufferedTable(const detail::StoreSpec* spec, StoreBackend* backend, TableId table,
                StoreContext* context);
  ~BufferedTable();

  // `new_to_backend`: the caller knows that the backend has no such row.
  detail::StoredValue Get(std::string_view key, bool new_to_backend = false) {
    const BufferedRow* row = FindOrLoad(key, new_to_backend);
    return {row->value.get(), row->timestamp};
  }
  // Of the row, as the stores' HeadersOf().
  const Headers& HeadersOf(std::string_view key) {
    const BufferedRow* row = FindOrLoad(key, /*new_to_backend=*/false);
    return row->headers == nullptr ? Headers::Empty() : *row->headers;
  }
  // Null deletes.
  void Put(std::string_view key, const void* value, detail::WrittenBy by);
  // See ErasedKeyValueStore::Swap. With `blind` the old value is not looked up: the box is empty
  // afterwards.
  void Swap(std::string_view key, detail::ErasedValue* value, detail::WrittenBy by,
            bool new_to_backend = false, bool blind = false);

  // Makes a row that Get() has just returned part of the next changes, as it is.
  void Touch(std::string_view key);

  struct Bounds {
    std::string lower;  // inclusive
    std::string upper;  // exclusive; empty = open
  };

  // Adds a dirty row to `batch`, and says what the changelog has to know of it but for its key.
  // Valid until the next call.
  ChangelogRecord Collect(const BufferedRow& dirty, BackendBatch* batch);
  // Makes the row of a changelog record, which has a value. Valid until the next call.
  std::string_view RowOf(const RecordView& record);

  // About how many rows the backend has.
  int64_t EstimateRows() { return backend_->EstimateRows(table_); }

  void OnApplied();
  void Discard();
  // The backend was changed past the buffer.
  void Clear();

  const detail::StoreSpec& spec() const { return *spec_; }
  const std::vector<BufferedRow*>& dirty() const { return buffer_.dirty(); }
  TableId id() const { return table_; }
  StoreContext* context() const { return context_; }

 private:
  friend class RowCursor;

  BufferedRow* FindOrLoad(std::string_view key, bool new_to_backend) {
    BufferedRow* row = buffer_.Find(key);
    return row != nullptr ? row : Load(key, new_to_backend);
  }
  BufferedRow* FindOrInsert(std::string_view key) {
    BufferedRow* row = buffer_.Find(key);
    return row != nullptr ? row : buffer_.Insert(key);
  }
  BufferedRow* Load(std::string_view key, bool new_to_backend);
  // Before any change to rows: walks that are under way must not see it.
  void BeforeWrite() {
    context_->collected = false;
    if (!cursors_.empty()) DetachCursors();
  }
  void AfterWrite(BufferedRow* row, detail::WrittenBy by);
  void KeepHeaders(const Headers* headers, BufferedRow* row);
  // Decodes a row's headers, unless the store does not keep any.
  absl::Status LoadHeaders(std::string_view bytes, BufferedRow* row);
  void DetachCursors();
  void ReportDamage(std::string_view key, const absl::Status& status);

  std::unique_ptr<BackendIterator> TakeIterator();
  void ReturnIterator(std::unique_ptr<BackendIterator> iterator);

  const detail::StoreSpec* spec_;
  StoreBackend* backend_;
  TableId table_;
  StoreContext* context_;
  WriteBackBuffer buffer_;
  RowsBegin rows_begin_;
  SizeEstimate payload_;
  std::string row_scratch_;
  std::string headers_scratch_;
  std::vector<RowCursor*> cursors_;  // open, and still reading the buffer
  // The backend does not change between two Apply(), so its iterators serve many walks.
  std::vector<std::unique_ptr<BackendIterator>> idle_iterators_;
};

}  // namespace millrace::store
