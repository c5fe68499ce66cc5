// CustomTable: a custom store of a task: the user's object, and the rows that it keeps.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "store/key_value_table.h"

namespace millrace::store {

class CustomTable : public ManagedStore, public detail::ErasedCustomStore {
 public:
  CustomTable(detail::StoreSpec spec, StoreBackend* backend, TableId table, StoreContext* context)
      : rows_(std::move(spec), backend, table, context) {}

  const detail::StoreSpec& spec() const override { return rows_.spec(); }
  detail::CustomObject* object() override { return object_.get(); }

  // Runs the user's code, which may throw.
  void OpenObject() override {
    object_ = spec().make_custom();
    object_->OpenErased(&rows_);
  }
  void BeforeCommit() override { object_->BeforeCommit(); }

  detail::ErasedStore* erased() override { return this; }
  BufferedTable& table() override { return rows_.table(); }
  absl::Status CollectChanges(const EmitChange* emit, BackendBatch* batch) override {
    return rows_.CollectChanges(emit, batch);
  }
  absl::Status Restore(const RecordView& record, BackendBatch* batch) override {
    return rows_.Restore(record, batch);
  }
  bool ChangelogKey(std::string_view row_key, std::string* key) const override {
    return rows_.ChangelogKey(row_key, key);
  }
  std::vector<KeySpan> SpansOf(const StoreQuery& query) const override {
    return rows_.SpansOf(query);
  }
  bool ReadPlace(std::string_view row_key, RowPlace* place) const override {
    return rows_.ReadPlace(row_key, place);
  }

 private:
  KeyValueTable rows_;
  std::unique_ptr<detail::CustomObject> object_;  // goes before the rows that it may look at
};

}  // namespace millrace::store
