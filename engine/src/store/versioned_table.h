// VersionedTable: the versioned store of a task: a row for each version; keys are drawn in
// row_format.h.
//
// Versions that nobody can see any more are found by a walk that goes round the table, a little
// further with every commit, and are deleted as ordinary changes, so that the changelog forgets
// them, too. Between two rounds they are only hidden.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "millrace/serde.h"
#include "store/managed_store.h"

namespace millrace::store {

class VersionedTable : public ManagedStore, public detail::ErasedVersionedStore {
 public:
  VersionedTable(detail::StoreSpec spec, StoreBackend* backend, TableId table,
                 StoreContext* context);

  const detail::StoreSpec& spec() const override { return spec_; }
  detail::VersionPut Put(const void* key, const void* value, detail::WrittenBy by) override;
  detail::StoredValue Get(const void* key) override;
  detail::StoredValue GetAsOf(const void* key, Timestamp as_of) override;
  const Headers& last_headers() const override { return headers_; }
  Timestamp observed_stream_time() const override { return observed_; }

  detail::ErasedStore* erased() override { return this; }
  BufferedTable& table() override { return table_; }
  absl::Status LoadState(StoreBackend* backend) override;
  absl::Status CollectChanges(const EmitChange* emit, BackendBatch* batch) override;
  void AppendState(BackendBatch* batch) override;
  void OnApplied() override;
  void Discard() override;
  absl::Status Restore(const RecordView& record, BackendBatch* batch) override;
  void OnRestored() override;
  bool ChangelogKey(std::string_view row_key, std::string* key) const override;
  std::vector<KeySpan> SpansOf(const StoreQuery& query) const override;
  bool ReadPlace(std::string_view row_key, RowPlace* place) const override;
  std::optional<std::string_view> UserValue(std::string_view value) const override;

 private:
  struct Version {
    std::string payload;
    Headers headers;
    Timestamp from;
  };
  class Sweep;

  bool IsTooOld(Timestamp time) const {
    return observed_ != kNoTimestamp && time < observed_ - spec_.retention;
  }
  // The bytes that the rows of a key begin with, in a buffer that the next call reuses.
  void SetKey(const void* key);
  std::string_view RowKey(Timestamp from);
  // The version of the key that was set that is valid at `as_of` (max() = the latest one).
  std::optional<Version> FindAsOf(Timestamp as_of);
  // When the version behind `time` begins; kNoTimestamp: there is none.
  Timestamp FindNext(Timestamp time);
  // Whether a tombstone at the key's latest version leaves nothing (VersionedStoreOptions).
  bool IsForgotten(const Version& replaced);
  detail::StoredValue Decode(std::optional<Version> version);
  void DeleteUnseen();

  detail::StoreSpec spec_;
  detail::StoreSpec row_spec_;  // the same with payloads as values
  BufferedTable table_;
  Timestamp observed_ = kNoTimestamp;
  int64_t applied_observed_ = ToMillis(kNoTimestamp);  // as in the backend
  std::string swept_to_;                               // the walk goes on at this row
  Bytes payload_;
  detail::ErasedValue value_;
  std::string prefix_;
  std::string plain_key_;
  std::string row_key_;
  Headers headers_;
};

}  // namespace millrace::store
