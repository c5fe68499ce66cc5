// RocksDbBackend: the tables of a task's persistent stores, one database in the task's directory.
//
// Column families: `meta`, and "store.<name>" for each store; RocksDB's own `default` stays empty.
// The WAL is off (the changelog is the WAL) and flushes are atomic over all families, so a crash
// goes back to an earlier Apply() as a whole.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "rocksdb/db.h"
#include "rocksdb/write_batch.h"
#include "store/rocksdb_environment.h"
#include "store/store_backend.h"

namespace millrace::store {

class RocksDbBackend : public StoreBackend {
 public:
  // Opens or creates; table i + 1 is that of stores[i]. Column families of other stores are kept
  // as they are. FailedPrecondition: held by another process. DataLoss: damaged files.
  static absl::StatusOr<std::unique_ptr<RocksDbBackend>> Open(
      const std::string& directory, const std::vector<std::string>& stores,
      const RocksDbEnvironment& environment);
  ~RocksDbBackend() override;

  absl::StatusOr<bool> Get(TableId table, std::string_view key, std::string* row) override;
  std::unique_ptr<BackendIterator> NewIterator(TableId table) override;
  absl::Status Apply(const BackendBatch& batch) override;
  absl::Status Flush() override;
  // Writes a sorted file per table and adopts them all at once, past the memtables. A batch with
  // ranges is applied instead.
  absl::Status Ingest(const BackendBatch& batch) override;
  absl::Status SetCompaction(bool on) override;
  int64_t EstimateRows(TableId table) override;
  absl::Status Scan(TableId table, const KeySpan& span, const RowVisitor& visit) override;

  // Stores that have a column family but are not among those that were opened.
  const std::vector<std::string>& strangers() const { return strangers_; }

  // Damage that is met after opening (DataLoss) marks the directory: the next Open() reports it.
  absl::Status Error(const rocksdb::Status& status) const;

 private:
  RocksDbBackend(std::string directory, const RocksDbEnvironment& environment)
      : directory_(std::move(directory)), table_options_(environment.TableOptions()) {}
  absl::Status WriteRun(const BackendBatch& batch, std::span<const uint32_t> run,
                        const std::string& file);
  // Adds the change to `write_batch_`.
  rocksdb::Status Stage(const BackendBatch::Change& change);
  absl::Status OpenDatabase(const std::vector<std::string>& stores,
                            const rocksdb::DBOptions& options);
  void AdoptFamilies(const std::vector<std::string>& stores,
                     std::vector<rocksdb::ColumnFamilyHandle*> opened);
  std::string directory_;
  rocksdb::ColumnFamilyOptions table_options_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> tables_;  // by TableId
  std::vector<rocksdb::ColumnFamilyHandle*> others_;  // default and strangers
  std::vector<std::string> strangers_;
  rocksdb::WriteBatch write_batch_;
};

}  // namespace millrace::store
