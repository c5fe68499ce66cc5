#include "store/store_metadata.h"

#include "absl/strings/str_cat.h"
#include "base/big_endian.h"
#include "base/logging.h"
#include "base/text.h"
#include "millrace/status.h"
#include "store/row_format.h"
#include "store/window_key.h"

namespace millrace::store {
namespace {

constexpr std::string_view kFormatKey = "format";

std::string RowKey(std::string_view kind, const std::string& store) {
  return absl::StrCat(AbslView(kind), "/", store);
}

std::string_view FormatName(detail::Format format) {
  switch (format) {
    case detail::Format::kBytes:
      return "bytes";
    case detail::Format::kString:
      return "string";
    case detail::Format::kInt32:
      return "int32";
    case detail::Format::kInt64:
      return "int64";
    case detail::Format::kDouble:
      return "double";
    case detail::Format::kJson:
      return "json";
    case detail::Format::kProtobuf:
      return "protobuf";
  }
  return "unknown";
}

absl::Status WriteFormat(StoreBackend* backend) {
  BackendBatch batch;
  std::string value;
  AppendBigEndian<uint32_t>(kFormatVersion, &value);
  batch.Put(kMetaTable, kFormatKey, value);
  return backend->Apply(batch);
}

// Deletes all rows and the position in the batch that also writes the new layout, so that a crash
// leaves the old state or the new one.
absl::Status EmptyStore(StoreBackend* backend, TableId table, const std::string& store,
                        const std::string& layout) {
  BackendBatch batch;
  std::unique_ptr<BackendIterator> rows = backend->NewIterator(table);
  rows->SeekToLast();
  MR_RETURN_IF_ERROR(rows->status());
  if (rows->Valid()) batch.DeleteRange(table, "", std::string(rows->key()) + '\0');
  for (std::string_view kind : {kPosition, kStreamTime, kSequence}) {
    batch.Delete(kMetaTable, RowKey(kind, store));
  }
  batch.Put(kMetaTable, RowKey("layout", store), layout);
  return backend->Apply(batch);
}

}  // namespace

absl::Status CheckFormat(StoreBackend* backend, const std::string& directory) {
  std::string row;
  MR_ASSIGN_OR_RETURN(bool found, backend->Get(kMetaTable, kFormatKey, &row));
  if (!found) {
    // Atomic flushes bring the format to the files with the first row.
    std::unique_ptr<BackendIterator> any = backend->NewIterator(kMetaTable);
    any->SeekAtOrAfter("");
    MR_RETURN_IF_ERROR(any->status());
    if (!any->Valid()) return WriteFormat(backend);
  }
  if (row.size() != sizeof(uint32_t)) {
    return absl::DataLossError(absl::StrCat("state in ", directory, ": its format is unreadable"));
  }
  uint32_t version = ReadBigEndian<uint32_t>(row);
  if (version > kFormatVersion) {
    return absl::FailedPreconditionError(
        absl::StrCat("state in ", directory, " has format ", version, ", this version knows ",
                     kFormatVersion, ": run the newer version again, or move the directory away",
                     " to restore its stores from their changelogs"));
  }
  return absl::OkStatus();
}

StoreLayout LayoutOf(const detail::StoreSpec& spec) {
  const bool window = spec.kind == detail::StoreKind::kWindow;
  const bool session = spec.kind == detail::StoreKind::kSession;
  const bool versioned = spec.kind == detail::StoreKind::kVersioned;
  const bool custom = spec.kind == detail::StoreKind::kCustom;
  StoreLayout result;
  result.meaning = absl::StrCat(window      ? "window"
                                : session   ? "session"
                                : versioned ? "versioned"
                                : custom    ? "custom"
                                            : "key-value",
                                " ", AbslView(FormatName(spec.key->format)), " -> ",
                                AbslView(FormatName(spec.value->format)));
  if (window || session) {
    result.layout = absl::StrCat("segments of ", SegmentInterval(spec).count(), " ms",
                                 spec.retain_duplicates ? ", duplicates" : "");
  }
  // Positions in another topic say nothing.
  if (!spec.source_topic.empty()) {
    absl::StrAppend(&result.layout, result.layout.empty() ? "" : ", ", "restored from ",
                    spec.source_topic);
  }
  return result;
}

absl::Status CheckLayout(StoreBackend* backend, TableId table, const detail::StoreSpec& spec) {
  StoreLayout layout = LayoutOf(spec);
  std::string wanted = absl::StrCat(layout.meaning, "\n", layout.layout);
  std::string stored;
  MR_ASSIGN_OR_RETURN(bool found, backend->Get(kMetaTable, RowKey("layout", spec.name), &stored));
  if (found && stored == wanted) return absl::OkStatus();
  if (!found) {
    BackendBatch batch;
    batch.Put(kMetaTable, RowKey("layout", spec.name), wanted);
    return backend->Apply(batch);
  }
  std::string meaning = stored.substr(0, stored.find('\n'));
  if (meaning != layout.meaning || !spec.IsRestorable()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "store ", spec.name, " holds '", stored, "', the topology wants '", wanted,
        "': give the store a new name, or reset the application to drop the old state"));
  }
  LogWarning(absl::StrCat("store ", spec.name, ": layout changed from '", stored, "' to '", wanted,
                          "'; it is restored from its changelog"));
  return EmptyStore(backend, table, spec.name, wanted);
}

absl::StatusOr<std::optional<int64_t>> ReadNumber(StoreBackend* backend, std::string_view kind,
                                                  const std::string& store) {
  std::string row;
  MR_ASSIGN_OR_RETURN(bool found, backend->Get(kMetaTable, RowKey(kind, store), &row));
  if (!found) return std::nullopt;
  if (row.size() != sizeof(int64_t)) {
    return absl::DataLossError(
        absl::StrCat("store ", store, ": its ", AbslView(kind), " is unreadable"));
  }
  return static_cast<int64_t>(ReadBigEndian<uint64_t>(row));
}

void WriteNumber(std::string_view kind, const std::string& store, int64_t value,
                 BackendBatch* batch) {
  std::string row;
  AppendBigEndian<uint64_t>(static_cast<uint64_t>(value), &row);
  batch->Put(kMetaTable, RowKey(kind, store), row);
}

}  // namespace millrace::store
