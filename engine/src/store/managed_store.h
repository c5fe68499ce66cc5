// ManagedStore: what TaskStores needs from every kind of store, beside what operators see of it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "millrace/detail/erased_store.h"
#include "millrace/record.h"
#include "store/buffered_table.h"
#include "store/store_backend.h"
#include "store/task_stores.h"

namespace millrace::store {

using EmitChange = std::function<absl::Status(const detail::StoreSpec&, const ChangelogRecord&)>;

// What a row's key says.
struct RowPlace {
  std::string key;                 // the user's, encoded
  Timestamp start = kNoTimestamp;  // of the window, session or version
  Timestamp end = kNoTimestamp;    // of the window or session
  Timestamp last = kNoTimestamp;   // of its times, the one that StoreQuery::earliest is about
};

class ManagedStore {
 public:
  virtual ~ManagedStore() = default;

  virtual detail::ErasedStore* erased() = 0;
  virtual BufferedTable& table() = 0;

  // Reads what the store keeps in the table of metadata. Before anything else.
  virtual absl::Status LoadState(StoreBackend*) { return absl::OkStatus(); }
  // Adds all changes since the last Apply() to `batch` and, unless it is null, gives them to
  // `emit` in the order of the rows' first change.
  virtual absl::Status CollectChanges(const EmitChange* emit, BackendBatch* batch) = 0;
  // Adds the store's own metadata to a batch that is about to be applied.
  virtual void AppendState(BackendBatch*) {}
  // The batch is in the backend.
  virtual void OnApplied() { table().OnApplied(); }
  virtual void Discard() { table().Discard(); }

  // Adds one changelog record to `batch`. REQUIRES: nothing dirty; OnRestored() afterwards.
  virtual absl::Status Restore(const RecordView& record, BackendBatch* batch) = 0;
  // The restored rows are in the backend, which was thereby changed past the buffer.
  virtual void OnRestored() { table().Clear(); }

  // Custom stores: makes the user's object, now that the rows are there; and its last chance to
  // change them before they are collected. Both may throw what it throws.
  virtual void OpenObject() {}
  virtual void BeforeCommit() {}

  // Turns a row's key into the changelog's. False: the row is expired. Thread-safe.
  virtual bool ChangelogKey(std::string_view row_key, std::string* key) const = 0;

  // For queries; all thread-safe. Spans of row keys that hold all rows that the query is about, and
  // may hold others.
  virtual std::vector<KeySpan> SpansOf(const StoreQuery& query) const = 0;
  // False: the row is expired.
  virtual bool ReadPlace(std::string_view row_key, RowPlace* place) const = 0;
  // What is the user's of a row's value; nullopt: it says that there is none.
  virtual std::optional<std::string_view> UserValue(std::string_view value) const { return value; }
};

// The error for a changelog record that is none.
absl::Status BadChangelogRecord(const detail::StoreSpec& spec, const RecordView& record,
                                std::string_view why);

}  // namespace millrace::store
