// SessionTable: the session store of a task; keys are drawn in session_key.h.
//
// Expired rows are hidden at once and deleted by whole segments when the next batch is applied, but
// for those that expired this very millisecond: sessions close one later, and come out then.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "store/managed_store.h"
#include "store/session_key.h"

namespace millrace::store {

class SessionTable : public ManagedStore, public detail::ErasedSessionStore {
 public:
  SessionTable(detail::StoreSpec spec, StoreBackend* backend, TableId table, StoreContext* context);

  const detail::StoreSpec& spec() const override { return spec_; }
  detail::StoredValue Fetch(const void* key, Timestamp start, Timestamp end) override;
  const Headers& HeadersOf(const void* key, Timestamp start, Timestamp end) override;
  void Put(const void* key, Timestamp start, Timestamp end, const void* value,
           const Headers* headers) override;
  std::unique_ptr<detail::StoreIterator> FindSessions(const void* from_key, const void* to_key,
                                                      Timestamp earliest_end,
                                                      Timestamp latest_start,
                                                      detail::Order order) override;
  std::unique_ptr<detail::StoreIterator> EndedBetween(Timestamp from, Timestamp to) override;
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
  bool Visible(Timestamp end, Timestamp observed) const {
    return observed == kNoTimestamp || end > observed - spec_.retention;
  }
  bool Kept(Timestamp end, Timestamp observed) const {
    return observed == kNoTimestamp || end >= observed - spec_.retention;
  }
  void Observe(Timestamp end) {
    if (end > observed_) observed_ = end;
  }
  // The row key of a session, in a buffer that the next call reuses.
  std::string_view RowKey(std::string_view plain_key, Timestamp start, Timestamp end);
  std::string_view RowKey(const void* key, Timestamp start, Timestamp end);
  std::string Escaped(const void* key) const;

  detail::StoreSpec spec_;
  const SessionLayout layout_;
  BufferedTable table_;
  Timestamp observed_ = kNoTimestamp;
  // As in the backend; read by scans of other threads.
  std::atomic<int64_t> applied_observed_{ToMillis(kNoTimestamp)};
  std::string plain_key_;
  std::string escaped_key_;
  std::string row_key_;
  std::string changelog_key_;
};

}  // namespace millrace::store
