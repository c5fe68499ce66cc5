// StoreContext: what the stores of one task share.
#pragma once

#include "absl/status/status.h"
#include "store/buffer_pool.h"

namespace millrace::store {

struct StoreContext {
  explicit StoreContext(size_t buffer_bytes) : pool(buffer_bytes) {}

  // The first error stays: what follows from it says less.
  void Report(const absl::Status& status) {
    if (health.ok()) health = status;
  }

  // An error of the backend, which has marked its files if they are damaged: opening the stores
  // again then finds new files, so it is no DataLoss to the task. Returns what the task is told.
  absl::Status ReportBackend(const absl::Status& status) {
    absl::Status told = absl::IsDataLoss(status) ? absl::InternalError(status.message()) : status;
    Report(told);
    return told;
  }

  BufferPool pool;
  absl::Status health;
  int open_iterators = 0;
  // The batch of changes was built after the last write.
  bool collected = false;
};

}  // namespace millrace::store
