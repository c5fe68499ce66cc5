#include "log/log_db.h"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/experimental.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <sys/statvfs.h>

#include <algorithm>
#include <atomic>
#include <cstdarg>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/big_endian.h"
#include "base/logging.h"
#include "millrace/status.h"

namespace millrace {
namespace {

rocksdb::Slice ToSlice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// What the disk said. Messages of RocksDB name the file.
absl::Status ToStatus(const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  const std::string text = status.ToString();
  if (status.IsNoSpace() || status.subcode() == rocksdb::Status::kNoSpace) {
    return absl::ResourceExhaustedError(absl::StrCat("no space left for the log: ", text));
  }
  if (status.IsCorruption()) {
    return absl::DataLossError(absl::StrCat("the log is damaged: ", text));
  }
  return absl::UnavailableError(absl::StrCat("the log cannot be read or written: ", text));
}

constexpr size_t kPrefixSize = 8;
constexpr std::string_view kSequenceKey("\0", 1);  // shorter than any other key

std::string Prefix(const PartitionKey& partition) {
  std::string key;
  AppendBigEndian(partition.topic_id, &key);
  AppendBigEndian(static_cast<uint32_t>(partition.partition.value()), &key);
  return key;
}

std::string BatchKey(const PartitionKey& partition, Offset base) {
  std::string key = Prefix(partition);
  AppendBigEndian(static_cast<uint64_t>(base.value()), &key);
  return key;
}

class RocksWrite : public LogWrite {
 public:
  RocksWrite(size_t bytes, rocksdb::ColumnFamilyHandle* batches,
             rocksdb::ColumnFamilyHandle* offsets)
      : batch_(bytes), batches_(batches), offsets_(offsets) {}

  void PutBatch(const PartitionKey& partition, Offset base, std::string_view bytes) override {
    Check(batch_.Put(batches_, BatchKey(partition, base), ToSlice(bytes)));
    has_batches_ = true;
  }
  void DeleteBatch(const PartitionKey& partition, Offset base) override {
    Check(batch_.Delete(batches_, BatchKey(partition, base)));
  }
  void DeleteBatches(const PartitionKey& partition, Offset from, Offset to) override {
    if (from >= to) return;
    Check(batch_.DeleteRange(batches_, BatchKey(partition, from), BatchKey(partition, to)));
  }
  void PutMeta(std::string_view key, std::string_view value) override {
    Check(batch_.Put(ToSlice(key), ToSlice(value)));
  }
  void DeleteMeta(std::string_view key) override { Check(batch_.Delete(ToSlice(key))); }
  void PutGroupOffset(std::string_view key, std::string_view value) override {
    Check(batch_.Put(offsets_, ToSlice(key), ToSlice(value)));
  }
  void DeleteGroupOffset(std::string_view key) override {
    Check(batch_.Delete(offsets_, ToSlice(key)));
  }

  void PutCommitSequence(uint64_t sequence) override {
    std::string value;
    AppendBigEndian(sequence, &value);
    Check(batch_.Put(ToSlice(kSequenceKey), value));
    Check(batch_.Put(batches_, ToSlice(kSequenceKey), value));
    Check(batch_.Put(offsets_, ToSlice(kSequenceKey), value));
  }

  rocksdb::WriteBatch& batch() { return batch_; }
  bool has_batches() const { return has_batches_; }

 private:
  // Filling a batch in memory fails only by misuse.
  static void Check(const rocksdb::Status& status) { MR_CHECK(status.ok(), status.ToString()); }

  rocksdb::WriteBatch batch_;
  bool has_batches_ = false;
  rocksdb::ColumnFamilyHandle* batches_;
  rocksdb::ColumnFamilyHandle* offsets_;
};

class RocksCursor : public BatchCursor {
 public:
  RocksCursor(rocksdb::DB* db, rocksdb::ColumnFamilyHandle* batches, const PartitionKey& partition)
      : partition_(partition),
        upper_key_(BatchKey(partition, Offset(INT64_MAX))),
        upper_(upper_key_),
        lower_key_(Prefix(partition)),
        lower_(lower_key_) {
    rocksdb::ReadOptions options;
    options.iterate_upper_bound = &upper_;
    options.iterate_lower_bound = &lower_;
    iterator_.reset(db->NewIterator(options, batches));
  }

  void Seek(Offset offset) override {
    iterator_->SeekForPrev(BatchKey(partition_, offset));
    if (!iterator_->Valid() && iterator_->status().ok()) iterator_->Seek(lower_);
  }
  void SeekToLast() override { iterator_->SeekToLast(); }
  void Next() override { iterator_->Next(); }
  bool Valid() const override { return iterator_->Valid(); }
  Offset base() const override {
    const std::string_view key = ToView(iterator_->key());
    return Offset(static_cast<int64_t>(ReadBigEndian<uint64_t>(key.substr(kPrefixSize))));
  }
  std::string_view bytes() const override { return ToView(iterator_->value()); }
  absl::Status status() const override { return ToStatus(iterator_->status()); }

 private:
  const PartitionKey partition_;
  const std::string upper_key_;
  const rocksdb::Slice upper_;
  const std::string lower_key_;
  const rocksdb::Slice lower_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

// RocksDB's diary goes nowhere: its file would be one more write that can fail, and what matters
// comes as a status or to the listener.
class SilentLogger : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

// Thread-safe.
class ErrorListener : public rocksdb::EventListener {
 public:
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* status) override {
    LogWarning(absl::StrCat("the log's database: ", status->ToString()));
    if (reason == rocksdb::BackgroundErrorReason::kWriteCallback ||
        reason == rocksdb::BackgroundErrorReason::kMemTable) {
      write_ahead_log_failed_ = true;
    }
  }
  bool write_ahead_log_failed() const { return write_ahead_log_failed_; }

 private:
  std::atomic<bool> write_ahead_log_failed_ = false;
};

rocksdb::DBOptions DatabaseOptions(bool create, const LocalLogOptions& options) {
  rocksdb::DBOptions db;
  // Where there should be a database, a new and empty one would hide the loss.
  db.create_if_missing = create;
  db.create_missing_column_families = create;
  db.paranoid_checks = true;
  // What is recovered is always a prefix of what was written; the ACKED file says how long it must
  // be at least (decision 0005).
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  db.track_and_verify_wals_in_manifest = true;
  db.max_total_wal_size = options.write_buffer_bytes * 4;
  db.max_background_jobs = 2;
  db.info_log = std::make_shared<SilentLogger>();
  db.stats_dump_period_sec = 0;
  return db;
}

rocksdb::ColumnFamilyOptions FamilyOptions(const LocalLogOptions& options,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions family;
  family.write_buffer_size = options.write_buffer_bytes;
  family.max_write_buffer_number = 3;
  family.compression = rocksdb::kNoCompression;
  // Batches are never overwritten but by the cleaner: fewer levels rewrite them less often.
  family.max_bytes_for_level_base = options.write_buffer_bytes * 8;
  family.level_compaction_dynamic_level_bytes = true;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = 64 << 10;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return family;
}

class RocksLogDb : public LogDb {
 public:
  ~RocksLogDb() override {
    for (rocksdb::ColumnFamilyHandle* handle : handles_) {
      (void)db_->DestroyColumnFamilyHandle(handle);
    }
    if (db_ != nullptr) (void)db_->Close();
  }

  absl::Status OpenDatabase(const std::string& directory, bool create,
                            const LocalLogOptions& options) {
    directory_ = directory;
    reserve_ = 2 * uint64_t{options.write_buffer_bytes};
    rocksdb::DBOptions db_options = DatabaseOptions(create, options);
    db_options.listeners.push_back(errors_);
    auto cache = rocksdb::NewLRUCache(options.block_cache_bytes);
    const rocksdb::ColumnFamilyOptions family = FamilyOptions(options, cache);
    rocksdb::ColumnFamilyOptions small = family;
    small.write_buffer_size = 4 << 20;
    const std::vector<rocksdb::ColumnFamilyDescriptor> families = {
        {rocksdb::kDefaultColumnFamilyName, small}, {"batches", family}, {"offsets", small}};
    rocksdb::DB* db = nullptr;
    const rocksdb::Status status =
        rocksdb::DB::Open(db_options, directory, families, &handles_, &db);
    db_.reset(db);
    // A database or a family that is not there, or options that it was not made with.
    if (status.IsInvalidArgument()) return ToStatus(rocksdb::Status::Corruption(status.ToString()));
    return ToStatus(status);
  }

  std::unique_ptr<LogWrite> NewWrite(size_t bytes) override {
    return std::make_unique<RocksWrite>(bytes, batches(), offsets());
  }

  absl::Status Apply(LogWrite& write, bool sync) override {
    auto& rocks_write = static_cast<RocksWrite&>(write);
    if (rocks_write.has_batches()) {
      MR_RETURN_IF_ERROR(CheckSpace(rocks_write.batch().GetDataSize()));
    }
    rocksdb::WriteOptions options;
    options.sync = sync;
    const rocksdb::Status written = db_->Write(options, &rocks_write.batch());
    // Writes wait for compaction, and compaction for space.
    if (written.IsIncomplete() || written.IsBusy()) {
      return absl::ResourceExhaustedError(written.ToString());
    }
    const absl::Status status = ToStatus(written);
    if (!absl::IsResourceExhausted(status) || !errors_->write_ahead_log_failed()) return status;
    // RocksDB cannot go on behind a torn record; recovery at the next open can.
    return absl::UnavailableError(status.message());
  }

  absl::Status Sync() override { return ToStatus(db_->SyncWAL()); }

  absl::StatusOr<uint64_t> CommitSequence() override {
    std::optional<uint64_t> sequence;
    for (rocksdb::ColumnFamilyHandle* family : handles_) {
      std::string value;
      const rocksdb::Status status =
          db_->Get(rocksdb::ReadOptions(), family, ToSlice(kSequenceKey), &value);
      if (!status.ok() && !status.IsNotFound()) return ToStatus(status);
      if (value.size() != (status.ok() ? sizeof(uint64_t) : 0)) {
        return absl::DataLossError("the log is damaged: no commit sequence");
      }
      const uint64_t found = value.empty() ? 0 : ReadBigEndian<uint64_t>(value);
      if (sequence.value_or(found) != found) {
        return absl::DataLossError(absl::StrCat(
            "the log is damaged: after ", std::max(*sequence, found), " commits '",
            family->GetName(), "' or 'default' has only ", std::min(*sequence, found)));
      }
      sequence = found;
    }
    return *sequence;
  }

  std::unique_ptr<BatchCursor> NewCursor(const PartitionKey& partition) override {
    return std::make_unique<RocksCursor>(db_.get(), batches(), partition);
  }

  void ReclaimBatches(const PartitionKey& partition, Offset to) override {
    const std::string first = Prefix(partition);
    const std::string last = BatchKey(partition, to);
    const rocksdb::Slice begin(first);
    const rocksdb::Slice end(last);
    // Only advice: the batches are deleted already, and stay so when this fails.
    (void)rocksdb::DeleteFilesInRange(db_.get(), batches(), &begin, &end, false);
    (void)rocksdb::experimental::SuggestCompactRange(db_.get(), batches(), &begin, &end);
  }

  absl::Status ScanMeta(std::string_view prefix, const Visitor& visit) override {
    return Scan(handles_[0], prefix, visit);
  }
  absl::Status ScanGroupOffsets(std::string_view prefix, const Visitor& visit) override {
    return Scan(offsets(), prefix, visit);
  }

 private:
  // Refuses a write in time: the write-ahead log survives a full device only through recovery.
  absl::Status CheckSpace(size_t bytes) const {
    struct statvfs device = {};
    if (::statvfs(directory_.c_str(), &device) != 0) return absl::OkStatus();
    const uint64_t available = uint64_t{device.f_bavail} * device.f_frsize;
    if (available >= bytes + reserve_) return absl::OkStatus();
    return absl::ResourceExhaustedError(
        absl::StrCat("the device of '", directory_, "' has ", available, " bytes left, and ", bytes,
                     " are to be written with ", reserve_, " in reserve"));
  }

  rocksdb::ColumnFamilyHandle* batches() { return handles_[1]; }
  rocksdb::ColumnFamilyHandle* offsets() { return handles_[2]; }

  absl::Status Scan(rocksdb::ColumnFamilyHandle* family, std::string_view prefix,
                    const Visitor& visit) {
    std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(rocksdb::ReadOptions(), family));
    for (it->Seek(ToSlice(prefix)); it->Valid(); it->Next()) {
      if (!it->key().starts_with(ToSlice(prefix))) break;
      if (ToView(it->key()) == kSequenceKey) continue;
      MR_RETURN_IF_ERROR(visit(ToView(it->key()), ToView(it->value())));
    }
    return ToStatus(it->status());
  }

  std::string directory_;
  uint64_t reserve_ = 0;  // what flushes of full write buffers need
  const std::shared_ptr<ErrorListener> errors_ = std::make_shared<ErrorListener>();
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<LogDb>> LogDb::Open(const std::string& directory, bool create,
                                                   const LocalLogOptions& options) {
  auto db = std::make_unique<RocksLogDb>();
  MR_RETURN_IF_ERROR(db->OpenDatabase(directory, create, options));
  return db;
}

}  // namespace millrace
