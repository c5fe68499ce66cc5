// StateCache: the memory of RocksDB under the stores of one engine or of several: blocks that were
// read, and memtables, which take up to half of it. Busy stores use what idle ones leave.
//
// Thread-safe; every engine keeps it alive.
#pragma once

#include <cstddef>
#include <memory>

namespace millrace {

class StateCache {
 public:
  static constexpr size_t kUsualBytes = 64 << 20;

  // `bytes`: a bound for all of it, but for blocks that are in use at the moment.
  static std::shared_ptr<StateCache> Create(size_t bytes = kUsualBytes);
  virtual ~StateCache() = default;

  virtual size_t used_bytes() const = 0;
};

}  // namespace millrace
