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

  BufferPool pool;
  absl::Status health;
  int open_iterators = 0;
  // The batch of changes was built after the last write.
  bool collected = false;
};

}  // namespace millrace::store
