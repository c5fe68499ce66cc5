// LruTable: a key-value store with a limit of rows; the least recently used one goes.
//
// The order of use is part of the state: a row that was only read is written to the changelog
// again, rows in the order of their last use, so that a restored store goes on as if nothing had
// happened. It lives in memory, where a store is restored from the whole changelog.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "store/key_value_table.h"

namespace millrace::store {

class LruTable : public KeyValueTable {
 public:
  // REQUIRES: spec.max_rows > 0 and a backend in memory.
  LruTable(detail::StoreSpec spec, StoreBackend* backend, TableId table, StoreContext* context);

  detail::StoredValue Get(const void* key) override;
  void Put(const void* key, const void* value, detail::WrittenBy by) override;
  void Swap(const void* key, detail::ErasedValue* value, detail::WrittenBy by) override;

  absl::Status CollectChanges(const EmitChange* emit, BackendBatch* batch) override;
  void OnApplied() override;
  void Discard() override;
  absl::Status Restore(const RecordView& record, BackendBatch* batch) override;
  void OnRestored() override;

 private:
  using Use = uint64_t;  // a number that grows with every use

  void MarkUsed(const std::string& key);
  void Forget(const std::string& key);
  void SetUse(const std::string& key, std::optional<Use> use);
  void EvictToFit();

  Use last_use_ = 0;
  absl::flat_hash_map<std::string, Use> use_of_;  // of every row
  absl::btree_map<Use, std::string> by_use_;
  // What use_of_ said at the last commit, for the keys that have changed since.
  absl::flat_hash_map<std::string, std::optional<Use>> committed_;
  std::string key_;
};

}  // namespace millrace::store
