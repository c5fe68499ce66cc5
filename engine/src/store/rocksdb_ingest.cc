// The bulk side of RocksDbBackend: what a restore of everything writes.
#include <filesystem>
#include <vector>

#include "absl/strings/str_cat.h"
#include "millrace/status.h"
#include "rocksdb/sst_file_writer.h"
#include "store/rocksdb_backend.h"
#include "store/sorted_changes.h"

namespace millrace::store {
namespace {

rocksdb::Slice ToSlice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

}  // namespace

absl::Status RocksDbBackend::Ingest(const BackendBatch& batch) {
  const std::optional<std::vector<uint32_t>> sorted = SortedChanges(batch);
  if (!sorted.has_value()) {
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

  const std::vector<uint32_t>& order = *sorted;
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
