// MemoryBackend: the tables of a task's in-memory stores. Nothing survives the process; the
// changelog does.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/btree_map.h"
#include "absl/synchronization/mutex.h"
#include "store/store_backend.h"

namespace millrace::store {

class MemoryBackend : public StoreBackend {
 public:
  // `tables` counts the meta table.
  explicit MemoryBackend(size_t tables) : tables_(tables) {}

  absl::StatusOr<bool> Get(TableId table, std::string_view key, std::string* row) override;
  std::unique_ptr<BackendIterator> NewIterator(TableId table) override;
  absl::Status Apply(const BackendBatch& batch) override;
  absl::Status Flush() override { return absl::OkStatus(); }
  int64_t EstimateRows(TableId table) override {
    return static_cast<int64_t>(tables_[table.value()].size());
  }
  // Sees whole batches only up to kScanChunk rows at a time: the lock is not held over a long scan.
  absl::Status Scan(TableId table, const KeySpan& span, const RowVisitor& visit) override;

 private:
  // Transparent, so that a view finds a string.
  using Table = absl::btree_map<std::string, std::string, std::less<>>;
  class Iterator;

  // Only the task's thread writes, so it reads without the lock; other threads read with it.
  absl::Mutex mutex_;
  std::vector<Table> tables_;
};

}  // namespace millrace::store
