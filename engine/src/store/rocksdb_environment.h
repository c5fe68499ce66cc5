// RocksDbEnvironment: the block cache and the memtable budget that all databases of a process
// share. The only implementation of StoreEnvironment.
#pragma once

#include <memory>

#include "rocksdb/cache.h"
#include "rocksdb/options.h"
#include "rocksdb/write_buffer_manager.h"
#include "store/store_environment.h"

namespace millrace::store {

class RocksDbEnvironment : public StoreEnvironment {
 public:
  explicit RocksDbEnvironment(const StoreEnvironmentOptions& options);
  const StoreEnvironmentOptions& options() const override { return options_; }

  rocksdb::DBOptions DatabaseOptions() const;
  // For the tables of stores, and for the small table of metadata.
  rocksdb::ColumnFamilyOptions TableOptions() const;

  static const RocksDbEnvironment& From(const StoreEnvironment& environment) {
    return static_cast<const RocksDbEnvironment&>(environment);
  }

 private:
  StoreEnvironmentOptions options_;
  std::shared_ptr<rocksdb::Cache> block_cache_;
  std::shared_ptr<rocksdb::WriteBufferManager> memtables_;
  std::shared_ptr<rocksdb::TableFactory> table_factory_;
};

}  // namespace millrace::store
