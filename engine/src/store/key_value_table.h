// KeyValueTable: the key-value store of a task; row key = encoded user key.
#pragma once

#include <memory>
#include <string>

#include "store/managed_store.h"

namespace millrace::store {

class KeyValueTable : public ManagedStore, public detail::ErasedKeyValueStore {
 public:
  KeyValueTable(detail::StoreSpec spec, StoreBackend* backend, TableId table,
                StoreContext* context);

  const detail::StoreSpec& spec() const override { return spec_; }
  detail::StoredValue Get(const void* key) override { return table_.Get(Encoded(key)); }
  const Headers& HeadersOf(const void* key) override { return table_.HeadersOf(Encoded(key)); }
  void Put(const void* key, const void* value, detail::WrittenBy by) override {
    table_.Put(Encoded(key), value, by);
  }
  void Swap(const void* key, detail::ErasedValue* value, detail::WrittenBy by) override {
    table_.Swap(Encoded(key), value, by);
  }
  std::unique_ptr<detail::StoreIterator> Range(const void* from, const void* to,
                                               detail::Order order) override;
  std::unique_ptr<detail::StoreIterator> Prefix(std::string_view prefix,
                                                detail::Order order) override;
  int64_t ApproximateNumEntries() override { return table_.EstimateRows(); }

  detail::ErasedStore* erased() override { return this; }
  BufferedTable& table() override { return table_; }
  absl::Status CollectChanges(const EmitChange* emit, BackendBatch* batch) override;
  absl::Status Restore(const RecordView& record, BackendBatch* batch) override;
  bool ChangelogKey(std::string_view row_key, std::string* key) const override;
  std::vector<KeySpan> SpansOf(const StoreQuery& query) const override;
  bool ReadPlace(std::string_view row_key, RowPlace* place) const override {
    place->key = row_key;
    return true;
  }

 protected:
  std::string_view Encoded(const void* key) {
    key_scratch_.clear();
    spec_.key->encode(key, &key_scratch_);
    return key_scratch_;
  }
  // Adds one changed row to `batch`, and gives it to `emit` unless that is null.
  absl::Status CollectRow(BufferedRow* row, const EmitChange* emit, BackendBatch* batch);

  detail::StoreSpec spec_;
  BufferedTable table_;

 private:
  std::string key_scratch_;
};

}  // namespace millrace::store
