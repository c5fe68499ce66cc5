// RocksDbEnvironment: how the databases of an engine are opened. RocksDbCache: the block cache and
// the memtable budget that they share. The only implementations of StoreEnvironment and StateCache.
#pragma once

#include <memory>

#include "rocksdb/cache.h"
#include "rocksdb/options.h"
#include "rocksdb/write_buffer_manager.h"
#include "store/store_environment.h"

namespace millrace::store {

class RocksDbCache : public StateCache {
 public:
  explicit RocksDbCache(size_t bytes);

  size_t used_bytes() const override { return blocks_->GetUsage(); }
  size_t memtable_bytes() const { return memtables_->buffer_size(); }
  const std::shared_ptr<rocksdb::WriteBufferManager>& memtables() const { return memtables_; }
  const std::shared_ptr<rocksdb::TableFactory>& table_factory() const { return table_factory_; }

 private:
  std::shared_ptr<rocksdb::Cache> blocks_;
  std::shared_ptr<rocksdb::WriteBufferManager> memtables_;
  std::shared_ptr<rocksdb::TableFactory> table_factory_;
};

class RocksDbEnvironment : public StoreEnvironment {
 public:
  explicit RocksDbEnvironment(StoreEnvironmentOptions options);
  const StoreEnvironmentOptions& options() const override { return options_; }

  rocksdb::DBOptions DatabaseOptions() const;
  // For the tables of stores, and for the small table of metadata.
  rocksdb::ColumnFamilyOptions TableOptions() const;

  static const RocksDbEnvironment& From(const StoreEnvironment& environment) {
    return static_cast<const RocksDbEnvironment&>(environment);
  }

 private:
  const RocksDbCache& cache() const { return static_cast<const RocksDbCache&>(*options_.cache); }

  StoreEnvironmentOptions options_;
};

}  // namespace millrace::store
