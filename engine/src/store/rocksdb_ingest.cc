// The bulk side of RocksDbBackend: what a restore of everything writes.
#include <algorithm>
#include <filesystem>
#include <vector>

#include "absl/strings/str_cat.h"
#include "millrace/status.h"
#include "rocksdb/sst_file_writer.h"
#include "store/rocksdb_backend.h"

namespace millrace::store {
namespace {

rocksdb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

// A change in the order of tables and keys. The first bytes of the key tell most of them apart
// without a look at the batch.
struct Place {
  uint32_t table;
  uint64_t head;
  uint32_t index;
};

uint64_t HeadOf(std::string_view key) {
  uint64_t head = 0;
  for (size_t i = 0; i < sizeof head; ++i) {
    head = head << 8 | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0);
  }
  return head;
}

// The changes by table and key; of several to one key the last.
std::vector<uint32_t> LastChanges(const BackendBatch& batch) {
  std::vector<Place> places;
  places.reserve(batch.size());
  for (uint32_t i = 0; i < batch.size(); ++i) {
    const BackendBatch::Change change = batch.at(i);
    places.push_back({change.table.value(), HeadOf(change.key), i});
  }
  std::sort(places.begin(), places.end(), [&batch](const Place& a, const Place& b) {
    if (a.table != b.table) return a.table < b.table;
    if (a.head != b.head) return a.head < b.head;
    const int keys = batch.at(a.index).key.compare(batch.at(b.index).key);
    return keys != 0 ? keys < 0 : a.index > b.index;
  });
  std::vector<uint32_t> order;
  order.reserve(places.size());
  const Place* last = nullptr;
  for (const Place& place : places) {
    const bool again = last != nullptr && last->table == place.table && last->head == place.head &&
                       batch.at(last->index).key == batch.at(place.index).key;
    if (!again) order.push_back(place.index);
    last = &place;
  }
  return order;
}

bool HasRanges(const BackendBatch& batch) {
  for (size_t i = 0; i < batch.size(); ++i) {
    if (batch.at(i).kind == BackendBatch::Kind::kDeleteRange) return true;
  }
  return false;
}

}  // namespace

absl::Status RocksDbBackend::Ingest(const BackendBatch& batch) {
  if (HasRanges(batch)) {
    MR_RETURN_IF_ERROR(Apply(batch));
    return Flush();
  }
  // A folder of its own: what a crash leaves in it was never adopted.
  const std::string folder = directory_ + "/restore";
  std::error_code error;
  std::filesystem::remove_all(folder, error);
  std::filesystem::create_directories(folder, error);
  if (error)
    return absl::UnavailableError(absl::StrCat("state in ", folder, ": ", error.message()));

  const std::vector<uint32_t> order = LastChanges(batch);
  std::vector<rocksdb::IngestExternalFileArg> files;
  for (size_t begin = 0; begin < order.size();) {
    const TableId table = batch.at(order[begin]).table;
    size_t end = begin;
    while (end < order.size() && batch.at(order[end]).table == table) ++end;
    rocksdb::IngestExternalFileArg& run = files.emplace_back();
    run.column_family = tables_[table.value()];
    run.external_files = {absl::StrCat(folder, "/", table.value(), ".sst")};
    run.options.move_files = true;
    run.options.snapshot_consistency = false;  // nobody reads
    MR_RETURN_IF_ERROR(
        WriteRun(batch, std::span(order).subspan(begin, end - begin), run.external_files.front()));
    begin = end;
  }
  return files.empty() ? absl::OkStatus() : Error(db_->IngestExternalFiles(files));
}

absl::Status RocksDbBackend::WriteRun(const BackendBatch& batch, std::span<const uint32_t> run,
                                      const std::string& file) {
  rocksdb::ColumnFamilyHandle* family = tables_[batch.at(run.front()).table.value()];
  rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), rocksdb::Options({}, table_options_),
                                family);
  rocksdb::Status status = writer.Open(file);
  for (size_t i = 0; i < run.size() && status.ok(); ++i) {
    const BackendBatch::Change change = batch.at(run[i]);
    status = change.kind == BackendBatch::Kind::kPut
                 ? writer.Put(ToSlice(change.key), ToSlice(change.value))
                 : writer.Delete(ToSlice(change.key));
  }
  if (status.ok()) status = writer.Finish();
  return Error(status);
}

absl::Status RocksDbBackend::SetCompaction(bool on) {
  for (rocksdb::ColumnFamilyHandle* family : tables_) {
    const rocksdb::Status status =
        db_->SetOptions(family, {{"disable_auto_compactions", on ? "false" : "true"}});
    if (!status.ok()) return Error(status);
  }
  return absl::OkStatus();
}

}  // namespace millrace::store
