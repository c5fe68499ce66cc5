#include "store/rocksdb_environment.h"

#include <algorithm>
#include <utility>

#include "rocksdb/filter_policy.h"
#include "rocksdb/table.h"

namespace millrace {

std::shared_ptr<StateCache> StateCache::Create(size_t bytes) {
  return std::make_shared<store::RocksDbCache>(bytes);
}

std::unique_ptr<StoreEnvironment> StoreEnvironment::Create(const StoreEnvironmentOptions& options) {
  return std::make_unique<store::RocksDbEnvironment>(options);
}

}  // namespace millrace

namespace millrace::store {
namespace {

constexpr int kBloomBitsPerKey = 10;
// The default (1 MiB or an eighth of the memtable) would let a hundred small stores exhaust the
// budget with empty blocks.
constexpr size_t kArenaBlockBytes = 64 << 10;
constexpr size_t kMemtableBytesMin = 1 << 20;
// A walk passes every version and every deletion that a memtable has, so that larger ones cost more
// than they spare.
constexpr size_t kMemtableBytesMax = 64 << 20;
// Share of a memtable that its Bloom filter takes: most lookups that reach RocksDB are for new
// keys.
constexpr double kMemtableBloomRatio = 0.02;

std::shared_ptr<rocksdb::TableFactory> BlockTables(std::shared_ptr<rocksdb::Cache> cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = std::move(cache);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
  table.optimize_filters_for_memory = true;
  // Index and filter blocks count against the same number as data blocks, but are kept longer.
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.format_version = 5;
  return std::shared_ptr<rocksdb::TableFactory>(rocksdb::NewBlockBasedTableFactory(table));
}

}  // namespace

RocksDbCache::RocksDbCache(size_t bytes) {
  rocksdb::LRUCacheOptions options;
  options.capacity = bytes;
  options.high_pri_pool_ratio = 0.3;
  blocks_ = rocksdb::NewLRUCache(options);
  // Memtables are charged to the block cache.
  memtables_ = std::make_shared<rocksdb::WriteBufferManager>(bytes / 2, blocks_);
  table_factory_ = BlockTables(blocks_);
}

RocksDbEnvironment::RocksDbEnvironment(StoreEnvironmentOptions options)
    : options_(std::move(options)) {
  if (options_.cache == nullptr) options_.cache = StateCache::Create();
}

rocksdb::DBOptions RocksDbEnvironment::DatabaseOptions() const {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.write_buffer_manager = cache().memtables();
  // Without a WAL the tables and the changelog positions must reach the files at the same point.
  options.atomic_flush = true;
  options.paranoid_checks = true;
  options.verify_sst_unique_id_in_manifest = true;
  options.max_background_jobs = 2;
  options.max_open_files = -1;
  options.manifest_preallocation_size = 64 << 10;  // one database per task: 4 MiB each would add up
  options.keep_log_file_num = 2;
  options.max_log_file_size = 1 << 20;
  options.info_log_level = rocksdb::WARN_LEVEL;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

rocksdb::ColumnFamilyOptions RocksDbEnvironment::TableOptions() const {
  rocksdb::ColumnFamilyOptions options;
  options.table_factory = cache().table_factory();
  options.write_buffer_size =
      std::clamp(cache().memtable_bytes() / 2, kMemtableBytesMin, kMemtableBytesMax);
  options.arena_block_size = kArenaBlockBytes;
  options.max_write_buffer_number = 3;
  options.memtable_prefix_bloom_size_ratio = kMemtableBloomRatio;
  options.memtable_whole_key_filtering = true;
  // State stores are small and rewritten often: universal compaction writes less. Blocks are
  // compressed only where they stay (the last level).
  options.compaction_style = rocksdb::kCompactionStyleUniversal;
  options.compression = rocksdb::kNoCompression;
  options.bottommost_compression = rocksdb::kLZ4Compression;
  return options;
}

}  // namespace millrace::store
