#include "runtime/restore.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/logging.h"
#include "millrace/status.h"

namespace millrace {
namespace {

constexpr size_t kFetchBytes = 1 << 20;

absl::Status RestoreStore(const RestoreRequest& request, TaskStores* stores,
                          const std::string& store, const TopicPartition& changelog) {
  MR_ASSIGN_OR_RETURN(const PartitionDescription bounds, request.log->DescribeSettled(changelog));
  const std::optional<Offset> position = stores->position(store);
  if (position.has_value() && (*position < bounds.begin || *position > bounds.end)) {
    return absl::OutOfRangeError(absl::StrCat("store '", store, "' stands at ", position->value(),
                                              " of ", changelog.ToString(), ", which holds ",
                                              bounds.begin.value(), " to ", bounds.end.value()));
  }
  Offset next = position.value_or(bounds.begin);
  if (next == bounds.end) return absl::OkStatus();
  const int64_t behind = bounds.end - next;
  MR_ASSIGN_OR_RETURN(std::unique_ptr<LogReader> reader, request.log->NewReader());
  MR_RETURN_IF_ERROR(reader->Assign(changelog, next));
  while (next < bounds.end) {
    MR_ASSIGN_OR_RETURN(RecordBatch batch, FetchOnward(reader.get(), changelog, next, kFetchBytes));
    next = batch.next_offset;
    MR_RETURN_IF_ERROR(stores->Restore(store, batch.records, next));
    request.restored->Add(static_cast<int64_t>(batch.records.size()));
  }
  if (behind > 100'000) {
    LogInfo(absl::StrCat("store '", store, "': restored ", behind, " offsets from ",
                         changelog.ToString()));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<TaskStores>> TryOpenAndRestore(const RestoreRequest& request) {
  MR_ASSIGN_OR_RETURN(std::unique_ptr<TaskStores> stores,
                      TaskStores::Open(request.directory, request.specs, request.environment));
  for (const auto& [store, topic] : *request.changelogs) {
    MR_RETURN_IF_ERROR(RestoreStore(request, stores.get(), store, {topic, request.partition}));
  }
  MR_RETURN_IF_ERROR(stores->health());
  return stores;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TaskStores>> OpenAndRestore(const RestoreRequest& request) {
  absl::StatusOr<std::unique_ptr<TaskStores>> stores = TryOpenAndRestore(request);
  const bool unusable = absl::IsDataLoss(stores.status()) || absl::IsOutOfRange(stores.status());
  if (!unusable) return stores;
  const absl::Status cause = stores.status();
  MR_ASSIGN_OR_RETURN(std::string moved, QuarantineStateDirectory(request.directory));
  LogWarning(absl::StrCat("state in ", request.directory, " cannot be used (",
                          std::string(cause.message()), "); moved to ", moved,
                          " and rebuilt from the changelog"));
  return TryOpenAndRestore(request);
}

}  // namespace millrace
