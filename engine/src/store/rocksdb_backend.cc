#include "store/rocksdb_backend.h"

#include <filesystem>
#include <fstream>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "millrace/status.h"
#include "store/rocksdb_status.h"
#include "store/sorted_changes.h"

namespace millrace::store {
namespace {

constexpr std::string_view kMetaFamily = "meta";
constexpr std::string_view kStorePrefix = "store.";

rocksdb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// Lies in the directory of a database in which damage was met after it had been opened: opening
// again does not look at every block and would meet it again and again.
constexpr std::string_view kDamageMark = "DAMAGED";
// Is there while a database is being made: what a kill leaves then never held anything.
constexpr std::string_view kCreationMark = "CREATING";

class RocksDbIterator : public BackendIterator {
 public:
  RocksDbIterator(rocksdb::Iterator* iterator, const RocksDbBackend* backend)
      : iterator_(iterator), backend_(backend) {}

  void SeekAtOrAfter(std::string_view key) override { iterator_->Seek(ToSlice(key)); }
  void SeekBefore(std::string_view key) override {
    iterator_->SeekForPrev(ToSlice(key));
    if (iterator_->Valid() && ToView(iterator_->key()) == key) iterator_->Prev();
  }
  void SeekToLast() override { iterator_->SeekToLast(); }
  void Next() override { iterator_->Next(); }
  void Prev() override { iterator_->Prev(); }
  bool Valid() const override { return iterator_->Valid(); }
  std::string_view key() const override { return ToView(iterator_->key()); }
  std::string_view row() const override { return ToView(iterator_->value()); }
  absl::Status status() const override { return backend_->Error(iterator_->status()); }

 private:
  std::unique_ptr<rocksdb::Iterator> iterator_;
  const RocksDbBackend* backend_;
};

absl::Status Empty(const std::string& directory) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (!error) std::filesystem::remove_all(entry.path(), error);
  }
  if (!error) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("state in ", directory, ": ", error.message()));
}

// RocksDB takes a directory without CURRENT for a new database and would start empty over the
// remains of a damaged one. True when there is a database.
absl::StatusOr<bool> DatabaseExists(const std::string& directory) {
  std::error_code error;
  bool current = false;
  bool remains = false;
  bool tables = false;
  bool creating = false;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    std::string name = entry.path().filename().string();
    if (name == kDamageMark) {
      return absl::DataLossError(absl::StrCat("state in ", directory, ": marked as damaged"));
    }
    current |= name == "CURRENT";
    creating |= name == kCreationMark;
    tables |= name.ends_with(".sst");
    remains |= name.starts_with("MANIFEST-") || name.ends_with(".sst");
  }
  if (error) {
    return absl::UnavailableError(absl::StrCat("state in ", directory, ": ", error.message()));
  }
  if (remains && !current && creating && !tables) {
    MR_RETURN_IF_ERROR(Empty(directory));
    return false;
  }
  if (remains && !current) {
    return absl::DataLossError(absl::StrCat("state in ", directory, ": CURRENT is missing"));
  }
  return current;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RocksDbBackend>> RocksDbBackend::Open(
    const std::string& directory, const std::vector<std::string>& stores,
    const RocksDbEnvironment& environment) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) {
    return absl::UnavailableError(absl::StrCat("state in ", directory, ": ", error.message()));
  }
  std::unique_ptr<RocksDbBackend> backend(new RocksDbBackend(directory, environment));
  MR_RETURN_IF_ERROR(backend->OpenDatabase(stores, environment.DatabaseOptions()));
  return backend;
}

absl::Status RocksDbBackend::OpenDatabase(const std::vector<std::string>& stores,
                                          const rocksdb::DBOptions& options) {
  MR_ASSIGN_OR_RETURN(bool exists, DatabaseExists(directory_));
  std::vector<std::string> names = {rocksdb::kDefaultColumnFamilyName};
  if (exists) {
    MR_RETURN_IF_ERROR(Error(rocksdb::DB::ListColumnFamilies(options, directory_, &names)));
  }
  std::vector<std::string> wanted = {std::string(kMetaFamily)};
  for (const std::string& store : stores) wanted.push_back(std::string(kStorePrefix) + store);
  for (std::string& name : wanted) {
    if (!absl::c_linear_search(names, name)) names.push_back(std::move(name));
  }
  const std::string creation_mark = directory_ + "/" + std::string(kCreationMark);
  if (!exists) std::ofstream(creation_mark).close();
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : names) families.emplace_back(name, table_options_);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  MR_RETURN_IF_ERROR(Error(rocksdb::DB::Open(options, directory_, families, &handles, &db)));
  db_.reset(db);
  AdoptFamilies(stores, std::move(handles));
  std::error_code error;
  std::filesystem::remove(creation_mark, error);  // may stay: CURRENT is there from now on
  return absl::OkStatus();
}

void RocksDbBackend::AdoptFamilies(const std::vector<std::string>& stores,
                                   std::vector<rocksdb::ColumnFamilyHandle*> opened) {
  tables_.assign(stores.size() + 1, nullptr);
  for (rocksdb::ColumnFamilyHandle* handle : opened) {
    const std::string& name = handle->GetName();
    std::string_view store = name;
    if (name == kMetaFamily) {
      tables_[kMetaTable.value()] = handle;
    } else if (!store.starts_with(kStorePrefix)) {
      others_.push_back(handle);
    } else if (auto at = absl::c_find(stores, store.substr(kStorePrefix.size()));
               at != stores.end()) {
      tables_[static_cast<size_t>(at - stores.begin()) + 1] = handle;
    } else {
      strangers_.emplace_back(store.substr(kStorePrefix.size()));
      others_.push_back(handle);
    }
  }
}

RocksDbBackend::~RocksDbBackend() {
  if (db_ == nullptr) return;
  for (auto* handles : {&tables_, &others_}) {
    for (rocksdb::ColumnFamilyHandle* handle : *handles) {
      if (handle != nullptr) db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
    }
  }
  // What is not flushed now is restored from the changelog, so nothing depends on the outcome.
  db_->Close().PermitUncheckedError();
}

absl::StatusOr<bool> RocksDbBackend::Get(TableId table, std::string_view key, std::string* row) {
  rocksdb::ColumnFamilyHandle* family = tables_[table.value()];
  rocksdb::PinnableSlice pinned(row);
  rocksdb::Status status = db_->Get(rocksdb::ReadOptions(), family, ToSlice(key), &pinned);
  if (status.IsNotFound()) return false;
  if (!status.ok()) return Error(status);
  if (pinned.IsPinned()) row->assign(pinned.data(), pinned.size());
  return true;
}

std::unique_ptr<BackendIterator> RocksDbBackend::NewIterator(TableId table) {
  rocksdb::ColumnFamilyHandle* family = tables_[table.value()];
  return std::make_unique<RocksDbIterator>(db_->NewIterator(rocksdb::ReadOptions(), family), this);
}

rocksdb::Status RocksDbBackend::Stage(const BackendBatch::Change& change) {
  rocksdb::ColumnFamilyHandle* family = tables_[change.table.value()];
  switch (change.kind) {
    case BackendBatch::Kind::kPut:
      return write_batch_.Put(family, ToSlice(change.key), ToSlice(change.value));
    case BackendBatch::Kind::kDelete:
      return write_batch_.Delete(family, ToSlice(change.key));
    case BackendBatch::Kind::kDeleteRange:
      return write_batch_.DeleteRange(family, ToSlice(change.key), ToSlice(change.value));
  }
  return rocksdb::Status::InvalidArgument("unknown change");
}

absl::Status RocksDbBackend::Apply(const BackendBatch& batch) {
  write_batch_.Clear();
  rocksdb::Status status;
  if (const auto sorted = SortedChanges(batch); sorted.has_value()) {
    for (size_t i = 0; i < sorted->size() && status.ok(); ++i) {
      status = Stage(batch.at((*sorted)[i]));
    }
  } else {
    for (size_t i = 0; i < batch.size() && status.ok(); ++i) status = Stage(batch.at(i));
  }
  if (!status.ok()) return Error(status);
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  return Error(db_->Write(options, &write_batch_));
}

absl::Status RocksDbBackend::Flush() { return Error(db_->Flush(rocksdb::FlushOptions(), tables_)); }

int64_t RocksDbBackend::EstimateRows(TableId table) {
  uint64_t rows = 0;
  db_->GetIntProperty(tables_[table.value()], rocksdb::DB::Properties::kEstimateNumKeys, &rows);
  return static_cast<int64_t>(rows);
}

absl::Status RocksDbBackend::Scan(TableId table, const KeySpan& span, const RowVisitor& visit) {
  if (span.upper == span.lower + '\0') {  // one key: what is not there is not searched for
    std::string row;
    MR_ASSIGN_OR_RETURN(const bool found, Get(table, span.lower, &row));
    if (found) visit(span.lower, row);
    return absl::OkStatus();
  }
  // The bound ends the walk before it crosses the tombstones behind it to look for a row.
  const rocksdb::Slice upper = ToSlice(span.upper);
  rocksdb::ReadOptions options;
  if (!span.upper.empty()) options.iterate_upper_bound = &upper;
  RocksDbIterator rows(db_->NewIterator(options, tables_[table.value()]), this);
  for (rows.SeekAtOrAfter(span.lower); rows.Valid(); rows.Next()) {
    if (!visit(rows.key(), rows.row())) return absl::OkStatus();
  }
  return rows.status();
}

absl::Status RocksDbBackend::Error(const rocksdb::Status& status) const {
  if (status.ok()) return absl::OkStatus();
  absl::Status error = FromRocksDb(status, absl::StrCat("state in ", directory_));
  if (absl::IsDataLoss(error) && db_ != nullptr) {
    std::ofstream(directory_ + "/" + std::string(kDamageMark)) << error.message() << "\n";
  }
  return error;
}

}  // namespace millrace::store
