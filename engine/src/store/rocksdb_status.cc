#include "store/rocksdb_status.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/text.h"

namespace millrace::store {

absl::Status FromRocksDb(const rocksdb::Status& status, std::string_view what) {
  if (status.ok()) return absl::OkStatus();
  std::string text = status.ToString();
  std::string message = absl::StrCat(AbslView(what), ": ", text);
  if (status.IsCorruption() || status.IsPathNotFound()) return absl::DataLossError(message);
  if (status.IsNoSpace()) return absl::ResourceExhaustedError(message);
  if (status.IsIOError()) {
    // RocksDB has no code of its own for a held lock.
    if (absl::StrContains(text, "lock hold by current process") ||
        absl::StrContains(text, "While lock file")) {
      return absl::FailedPreconditionError(
          absl::StrCat(AbslView(what), ": in use by another process or task (", text, ")"));
    }
    if (absl::StrContains(text, "No such file")) return absl::DataLossError(message);
    return absl::UnavailableError(message);
  }
  if (status.IsBusy() || status.IsTimedOut() || status.IsTryAgain() || status.IsIncomplete()) {
    return absl::UnavailableError(message);
  }
  return absl::InternalError(message);
}

}  // namespace millrace::store
