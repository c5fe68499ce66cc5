// StoreEnvironment: what the stores of a process share, so that their memory is one number.
#pragma once

#include <cstddef>
#include <memory>

namespace millrace {

struct StoreEnvironmentOptions {
  size_t block_cache_bytes = 64 << 20;  // index and filter blocks and memtables are charged to it
  size_t memtable_bytes = 32 << 20;     // all tasks together
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
