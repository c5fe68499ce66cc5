// WindowTable: the window store of a task; row keys are drawn in row_format.h.
//
// Expired rows are hidden at once and deleted by whole segments when the next batch is applied.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "store/managed_store.h"
#include "store/window_key.h"

namespace millrace::store {

class WindowTable : public ManagedStore, public detail::ErasedWindowStore {
 public:
  WindowTable(detail::StoreSpec spec, StoreBackend* backend, TableId table, StoreContext* context);

  const detail::StoreSpec& spec() const override { return spec_; }
  detail::StoredValue Fetch(const void* key, Timestamp start) override;
  const Headers& HeadersOf(const void* key, Timestamp start) override;
  void Put(const void* key, Timestamp start, const void* value, detail::WrittenBy by) override;
  void Swap(const void* key, Timestamp start, detail::ErasedValue* value,
            detail::WrittenBy by) override;
  std::unique_ptr<detail::StoreIterator> FetchRange(const void* key, Timestamp from, Timestamp to,
                                                    detail::Order order) override;
  std::unique_ptr<detail::StoreIterator> FetchKeys(const void* from_key, const void* to_key,
                                                   Timestamp from, Timestamp to,
                                                   detail::Order order) override;
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

 private:
  bool Visible(Timestamp start, Timestamp observed) const {
    return observed == kNoTimestamp || start > observed - spec_.retention;
  }
  // The first start that may be visible.
  Timestamp FirstVisible(Timestamp from) const;
  void Observe(Timestamp start) {
    if (start > observed_) observed_ = start;
  }
  // The backend holds what observed_ and sequence_ speak of.
  void MarkStateApplied();
  // The row key of an entry, in a buffer that the next call reuses.
  std::string_view RowKey(const void* key, Timestamp start, uint32_t sequence);
  std::string Escaped(const void* key) const;

  detail::StoreSpec spec_;
  const Duration segment_interval_;
  BufferedTable table_;
  Timestamp observed_ = kNoTimestamp;
  int64_t sequence_ = 0;
  // As in the backend; the first is read by scans of other threads.
  std::atomic<int64_t> applied_observed_{ToMillis(kNoTimestamp)};
  int64_t applied_sequence_ = 0;
  std::string plain_key_;
  std::string row_key_;
  std::string changelog_key_;
};

}  // namespace millrace::store
