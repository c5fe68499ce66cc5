#include "log/maintenance.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/logging.h"
#include "log/cleaner.h"
#include "log/retention.h"
#include "log/trim.h"
#include "millrace/status.h"

namespace millrace {
namespace {

// Partitions that are trimmed in one write: commits wait for as long as that takes.
constexpr size_t kTrimsPerWrite = 64;

}  // namespace

Maintenance::Maintenance(const std::string& directory, const LocalLogOptions& options, LogDb* db,
                         CommitQueue* queue, LogState* state)
    : directory_(directory), options_(options), db_(db), queue_(queue), state_(state) {
  if (options_.maintenance_interval > Duration(0)) thread_ = std::thread([this] { Loop(); });
}

Maintenance::~Maintenance() {
  {
    std::lock_guard lock(stop_mutex_);
    stop_ = true;
  }
  stop_changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Maintenance::Loop() {
  std::unique_lock lock(stop_mutex_);
  while (
      !stop_changed_.wait_for(lock, options_.maintenance_interval, [&] { return stop_.load(); })) {
    lock.unlock();
    if (absl::Status status = Run(); !status.ok() && !absl::IsCancelled(status)) {
      LogWarning(absl::StrCat("maintenance of the log in '", directory_,
                              "': ", std::string(status.message())));
    }
    lock.lock();
  }
}

absl::Status Maintenance::Run() {
  std::lock_guard run(run_mutex_);
  const std::vector<Job> jobs = Jobs();
  absl::Status first = Trim(jobs);
  for (const Job& job : jobs) {
    if (stop_) return absl::CancelledError("stopped");
    if (job.config.cleanup != Cleanup::kDelete) first.Update(Compact(job));
  }
  return first;
}

std::vector<Maintenance::Job> Maintenance::Jobs() const {
  std::lock_guard lock(state_->mutex);
  std::vector<Job> jobs;
  for (const auto& [name, topic] : state_->topics) {
    const TopicConfig& config = topic->record.config;
    for (const auto& partition : topic->partitions) {
      Job& job = jobs.emplace_back(Job{partition, config, partition->bytes(), std::nullopt});
      if (config.purge_consumed) job.consumed = ConsumedOffset(*state_, partition->name());
    }
  }
  return jobs;
}

absl::Status Maintenance::Trim(const std::vector<Job>& jobs) {
  absl::Status first;
  std::vector<TrimRequest> requests;
  for (size_t i = 0; i < jobs.size() && !stop_; ++i) {
    const absl::StatusOr<Offset> before = TrimOffset(jobs[i]);
    if (!before.ok()) {
      first.Update(before.status());
    } else if (*before > jobs[i].partition->begin()) {
      requests.push_back({jobs[i].partition, *before});
    }
    const bool last = i + 1 == jobs.size();
    if (requests.empty() || (!last && requests.size() < kTrimsPerWrite)) continue;
    first.Update(TrimPartitions(directory_, db_, queue_, requests));
    requests.clear();
  }
  return first;
}

absl::StatusOr<Offset> Maintenance::TrimOffset(const Job& job) const {
  const Offset begin = job.partition->begin();
  absl::StatusOr<Offset> before = RetentionOffset(directory_, db_, *job.partition, job.config,
                                                  job.bytes, options_.clock->Now());
  if (!before.ok() && queue_->BeginMoved(*job.partition, begin)) return begin;
  if (before.ok() && job.consumed.has_value()) return std::max(*before, *job.consumed);
  return before;
}

absl::Status Maintenance::Compact(const Job& job) {
  while (!stop_) {
    bool due = false;
    queue_->ReadState([&] { due = Cleaner::IsDue(*job.partition, options_); });
    if (!due) return absl::OkStatus();
    const Offset clean_end_before = CleanEnd(*job.partition);
    Cleaner cleaner(directory_, db_, queue_, job.partition,
                    {.now = options_.clock->Now(), .delete_retention = options_.delete_retention},
                    stop_);
    absl::Status status = cleaner.Run();
    // Trimmed or deleted meanwhile: the next pass sees to it.
    if (absl::IsAborted(status) || job.partition->deleted()) return absl::OkStatus();
    MR_RETURN_IF_ERROR(status);
    if (CleanEnd(*job.partition) == clean_end_before) return absl::OkStatus();
  }
  return absl::CancelledError("stopped");
}

Offset Maintenance::CleanEnd(const PartitionLog& partition) const {
  Offset end;
  queue_->ReadState([&] { end = partition.record().clean_end; });
  return end;
}

}  // namespace millrace
