// StoreEnvironment: what the stores of an engine share.
#pragma once

#include <cstddef>
#include <memory>

#include "millrace/state_cache.h"

namespace millrace {

struct StoreEnvironmentOptions {
  std::shared_ptr<StateCache> cache;        // null: one of its own
  size_t buffer_bytes_per_task = 16 << 20;  // clean rows kept by a task's write-back buffers
};

// Thread-safe. Must outlive every TaskStores that was opened with it.
class StoreEnvironment {
 public:
  static std::unique_ptr<StoreEnvironment> Create(const StoreEnvironmentOptions& options);
  virtual ~StoreEnvironment() = default;
  virtual const StoreEnvironmentOptions& options() const = 0;
};

}  // namespace millrace
