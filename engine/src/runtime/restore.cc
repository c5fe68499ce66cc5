#include "runtime/restore.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/logging.h"
#include "millrace/status.h"
#include "runtime/task_plan.h"
#include "topology/deployment.h"

namespace millrace {
namespace {
constexpr size_t kFetchBytes = 1 << 20;
constexpr int64_t kWorthTelling = 100'000;
// From so many records on, a restore from the beginning goes past the memtables.
constexpr int64_t kWorthBulk = 50'000;
constexpr std::chrono::seconds kPatience{30};
constexpr Duration kGlance{20};
}  // namespace

RestoreRequest StateOfTask(const detail::TopologyData& data, const std::string& application,
                           const std::string& state_directory, const TaskId& task) {
  const detail::SubtopologySpec& spec = data.subtopologies[static_cast<size_t>(task.subtopology)];
  RestoreRequest request;
  request.directory = TaskDirectory(state_directory, spec, task.partition);
  request.partition = task.partition;
  for (const std::string& name : spec.stores) {
    request.specs.push_back(*data.FindStore(name));
    if (!request.specs.back().changelog) continue;
    request.changelogs[name] = ChangelogTopicName(application, name);
  }
  return request;
}

TaskRestore::TaskRestore(RestoreRequest request, std::unique_ptr<TaskStores> stores)
    : request_(std::move(request)), stores_(std::move(stores)) {}

TaskRestore::~TaskRestore() { Unassign(); }

void TaskRestore::Unassign() {
  for (const Changelog& changelog : changelogs_) request_.reader->Unassign(changelog.partition);
  changelogs_.clear();
}

absl::Status TaskRestore::Open(bool settled) {
  settled_ = settled;
  absl::Status opened = TryOpen();
  if (absl::IsDataLoss(opened) || absl::IsOutOfRange(opened)) return Rebuild(opened);
  return opened;
}

absl::Status TaskRestore::TryOpen() {
  Unassign();
  if (stores_ == nullptr) {
    MR_ASSIGN_OR_RETURN(stores_,
                        TaskStores::Open(request_.directory, request_.specs, request_.environment));
  }
  for (const auto& [store, topic] : request_.changelogs) {
    MR_RETURN_IF_ERROR(OpenChangelog(store, {topic, request_.partition}));
  }
  MR_RETURN_IF_ERROR(BeginBulk());
  return stores_->health();
}

absl::Status TaskRestore::OpenChangelog(const std::string& store, const TopicPartition& partition) {
  MR_ASSIGN_OR_RETURN(const PartitionDescription bounds, Bounds(partition));
  const std::optional<Offset> position = stores_->position(store);
  if (position.has_value() && (*position < bounds.begin || *position > bounds.end)) {
    return absl::OutOfRangeError(absl::StrCat("store '", store, "' stands at ", position->value(),
                                              " of ", partition.ToString(), ", which holds ",
                                              bounds.begin.value(), " to ", bounds.end.value()));
  }
  const Offset next = position.value_or(bounds.begin);
  MR_RETURN_IF_ERROR(request_.reader->Assign(partition, next));
  changelogs_.push_back({store, partition, next, bounds.end});
  return absl::OkStatus();
}

absl::StatusOr<PartitionDescription> TaskRestore::Bounds(const TopicPartition& partition) const {
  if (settled_) return request_.log->DescribeSettled(partition);
  MR_ASSIGN_OR_RETURN(const std::vector<PartitionDescription> partitions,
                      request_.log->DescribePartitions(partition.topic));
  return partitions.at(static_cast<size_t>(partition.partition.value()));
}

absl::Status TaskRestore::RefreshEnds() {
  for (Changelog& changelog : changelogs_) {
    MR_ASSIGN_OR_RETURN(const PartitionDescription bounds, Bounds(changelog.partition));
    changelog.end = bounds.end;
  }
  return absl::OkStatus();
}

// Moves the files aside and begins again with empty ones.
absl::Status TaskRestore::Rebuild(const absl::Status& cause) {
  Unassign();
  stores_.reset();
  MR_ASSIGN_OR_RETURN(const std::string moved, QuarantineStateDirectory(request_.directory));
  if (request_.quarantined != nullptr) request_.quarantined->Add();
  LogWarning(absl::StrCat("state in ", request_.directory, " cannot be used (",
                          std::string(cause.message()), "); moved to ", moved,
                          " and rebuilt from the changelog"));
  return TryOpen();
}

absl::StatusOr<int> TaskRestore::Step(bool follow) {
  absl::StatusOr<int> done = TryStep(follow);
  if (absl::IsDataLoss(done.status()) || absl::IsOutOfRange(done.status())) {
    MR_RETURN_IF_ERROR(Rebuild(done.status()));
    return 0;
  }
  return done;
}

absl::Status TaskRestore::BeginBulk() {
  bulk_ = false;
  for (const Changelog& changelog : changelogs_) {
    bulk_ |= !stores_->position(changelog.store).has_value() &&
             changelog.end - changelog.next >= kWorthBulk;
  }
  return bulk_ ? stores_->BeginBulkRestore() : absl::OkStatus();
}

absl::Status TaskRestore::EndBulk() {
  if (!std::exchange(bulk_, false)) return absl::OkStatus();
  return stores_->EndBulkRestore();
}

absl::StatusOr<int> TaskRestore::TryStep(bool follow) {
  int done = 0;
  for (Changelog& changelog : changelogs_) {
    if (!follow && changelog.next >= changelog.end) continue;
    MR_ASSIGN_OR_RETURN(const RecordBatch batch,
                        request_.reader->Fetch(changelog.partition, kFetchBytes));
    if (batch.next_offset == changelog.next) continue;
    changelog.next = batch.next_offset;
    MR_RETURN_IF_ERROR(stores_->Restore(changelog.store, batch.records, changelog.next));
    done += static_cast<int>(batch.records.size());
    for (const RecordView& record : batch.records) {
      restored_bytes_ +=
          static_cast<int64_t>(record.key.value_or("").size() + record.value.value_or("").size());
    }
  }
  if (behind() == 0) MR_RETURN_IF_ERROR(EndBulk());
  restored_ += done;
  if (request_.restored != nullptr) request_.restored->Add(done);
  MR_RETURN_IF_ERROR(stores_->health());
  return done;
}

int64_t TaskRestore::behind() const {
  int64_t behind = 0;
  for (const Changelog& changelog : changelogs_) {
    behind += std::max<int64_t>(0, changelog.end - changelog.next);
  }
  return behind;
}

std::unique_ptr<TaskStores> TaskRestore::Release() {
  Unassign();
  // A failure shows in the stores' health.
  if (stores_ != nullptr) EndBulk().IgnoreError();
  return std::move(stores_);
}

absl::StatusOr<std::unique_ptr<TaskStores>> RestoreToEnd(RestoreRequest request,
                                                         std::unique_ptr<TaskStores> stores) {
  const std::string directory = request.directory;
  LogReader* const reader = request.reader;
  std::chrono::nanoseconds moved = Clock::System()->Monotonic();
  TaskRestore restore(std::move(request), std::move(stores));
  MR_RETURN_IF_ERROR(restore.Open(/*settled=*/true));
  int64_t behind = restore.behind();
  while (behind > 0) {
    MR_RETURN_IF_ERROR(restore.Step().status());
    if (restore.behind() != behind) {
      behind = restore.behind();
      moved = Clock::System()->Monotonic();
    } else if (Clock::System()->Monotonic() - moved > kPatience) {
      return absl::UnavailableError(absl::StrCat("the changelogs of ", directory, " lack ", behind,
                                                 " offsets, and nothing comes"));
    } else {
      reader->Wait(kGlance);
    }
  }
  if (restore.restored() > kWorthTelling) {
    LogInfo(absl::StrCat("state in ", directory, ": restored ", restore.restored(), " records"));
  }
  return restore.Release();
}

}  // namespace millrace
