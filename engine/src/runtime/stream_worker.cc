#include "runtime/stream_worker.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/logging.h"
#include "millrace/detail/topology_data.h"
#include "millrace/status.h"
#include "runtime/reactions.h"

namespace millrace {
namespace {
constexpr int kMaxRestartsWithoutCommit = 5;
}  // namespace

StreamWorker::StreamWorker(Topology topology, std::vector<TaskId> tasks, Log* log,
                           StoreEnvironment* stores, const Clock* clock, TaskMetrics* metrics,
                           StreamWorkerOptions options)
    : topology_(std::move(topology)),
      task_ids_(std::move(tasks)),
      log_(log),
      clock_(clock),
      metrics_(metrics),
      options_(std::move(options)),
      collector_(metrics->produced),
      committer_(options_.application, options_.crash) {
  environment_.data = &topology_.data();
  environment_.application = options_.application;
  environment_.state_directory = options_.state_directory;
  environment_.log = log_;
  environment_.collector = &collector_;
  environment_.stores = stores;
  environment_.clock = clock_;
  environment_.metrics = metrics_;
  environment_.inputs = options_.inputs;
  environment_.globals = options_.globals;
}

StreamWorker::~StreamWorker() { DropTasks(); }

absl::Status StreamWorker::Start() {
  MR_ASSIGN_OR_RETURN(reader_, log_->NewReader());
  environment_.reader = reader_.get();
  return OpenTasks();
}

absl::Status StreamWorker::OpenTasks() {
  // The new producer first: it fences the old ones, so that what is read below cannot change.
  MR_ASSIGN_OR_RETURN(producer_,
                      log_->NewProducer({.transactional_id = options_.transactional_id}));
  collector_.Bind(producer_.get());
  committer_.Bind(producer_.get());
  MR_ASSIGN_OR_RETURN(GroupOffsets committed, log_->CommittedOffsets(options_.application));
  for (const TaskId& id : task_ids_) {
    tasks_.push_back(std::make_unique<Task>(id, &environment_));
    MR_RETURN_IF_ERROR(tasks_.back()->Open(committed));
    if (options_.on_view && tasks_.back()->stores() != nullptr) {
      options_.on_view(id, tasks_.back()->stores()->committed());
    }
  }
  last_commit_ = clock_->Monotonic();
  work_since_commit_ = false;
  return absl::OkStatus();
}

void StreamWorker::DropTasks() {
  for (const auto& task : tasks_) {
    if (options_.on_view) options_.on_view(task->id(), nullptr);
  }
  tasks_.clear();
  collector_.Bind(nullptr);
  committer_.Bind(nullptr);
  producer_.reset();  // aborts the open transaction
}

absl::Status StreamWorker::Restart(const absl::Status& cause) {
  if (++restarts_without_commit_ > kMaxRestartsWithoutCommit) return cause;
  LogWarning(absl::StrCat("application '", options_.application, "', worker ",
                          options_.transactional_id,
                          ": restarting its tasks: ", std::string(cause.message())));
  metrics_->restarts->Add();
  DropTasks();
  return OpenTasks();
}

absl::StatusOr<StreamWorker::Progress> StreamWorker::Step(int max_records) {
  absl::StatusOr<Progress> progress = TryStep(max_records);
  while (!progress.ok() && ReactionTo(progress.status()) == Reaction::kRestartTasks) {
    absl::Status restarted = Restart(progress.status());
    progress = restarted.ok() ? absl::StatusOr<Progress>(Progress{}) : std::move(restarted);
    if (restarts_without_commit_ > kMaxRestartsWithoutCommit) break;
  }
  if (!progress.ok()) DropTasks();
  return progress;
}

absl::StatusOr<StreamWorker::Progress> StreamWorker::TryStep(int max_records) {
  Progress progress;
  MR_ASSIGN_OR_RETURN(progress.records, ProcessTasks(max_records));
  for (const auto& task : tasks_) {
    MR_ASSIGN_OR_RETURN(bool punctuated, task->PunctuateWallClock());
    progress.punctuated |= punctuated;
  }
  MR_RETURN_IF_ERROR(collector_.status());
  work_since_commit_ |= progress.any();
  if (CommitIsDue()) {
    MR_ASSIGN_OR_RETURN(progress.committed, TryCommit());
  }
  return progress;
}

absl::StatusOr<int> StreamWorker::ProcessTasks(int max_records) {
  order_.clear();
  for (const auto& task : tasks_) {
    MR_ASSIGN_OR_RETURN(bool ready, task->Refill());
    if (ready) order_.push_back(task.get());
  }
  std::stable_sort(order_.begin(), order_.end(), [](const Task* a, const Task* b) {
    return a->next_timestamp() < b->next_timestamp();
  });
  int done = 0;
  for (size_t i = 0; i < order_.size() && done < max_records; ++i) {
    // Every task gets its share of the round.
    const int rest = max_records - done;
    const int share = std::max(1, rest / static_cast<int>(order_.size() - i));
    MR_ASSIGN_OR_RETURN(int processed, order_[i]->Process(share));
    done += processed;
  }
  return done;
}

bool StreamWorker::CommitIsDue() const {
  if (clock_->Monotonic() - last_commit_ >= options_.commit_interval) return true;
  if (!work_since_commit_) return false;
  size_t bytes = collector_.pending_bytes();
  for (const auto& task : tasks_) {
    if (task->commit_requested()) return true;
    bytes += task->dirty_bytes();
  }
  return bytes >= options_.max_transaction_bytes;
}

absl::StatusOr<bool> StreamWorker::Commit() {
  MR_RETURN_IF_ERROR(collector_.status());
  return TryCommit();
}

absl::StatusOr<bool> StreamWorker::TryCommit() {
  last_commit_ = clock_->Monotonic();
  if (work_since_commit_) {
    for (const auto& task : tasks_) MR_RETURN_IF_ERROR(task->PrepareCommit());
    MR_RETURN_IF_ERROR(collector_.status());
  }
  GroupOffsets consumed;
  for (const auto& task : tasks_) task->AddConsumed(&consumed);
  if (consumed.empty() && !work_since_commit_) return false;
  std::vector<CommitPart> parts;
  parts.reserve(tasks_.size());
  for (const auto& task : tasks_) parts.push_back(task->commit_part());
  MR_RETURN_IF_ERROR(committer_.Commit(parts, consumed));
  for (const auto& task : tasks_) task->OnCommitted();
  work_since_commit_ = false;
  restarts_without_commit_ = 0;
  metrics_->commits->Add();
  const std::chrono::duration<double> took = clock_->Monotonic() - last_commit_;
  metrics_->commit_seconds->Observe(took.count());
  return true;
}

absl::Status StreamWorker::Stop() {
  absl::Status status = Commit().status();
  if (status.ok()) {
    for (const auto& task : tasks_) status.Update(task->Close());
  }
  DropTasks();
  return status;
}

void StreamWorker::WaitForWork(Duration longest) {
  Timestamp due = Timestamp::max();
  for (const auto& task : tasks_) due = std::min(due, task->next_wall_clock_punctuation());
  if (due != Timestamp::max()) longest = std::min(longest, due - clock_->Now());
  if (work_since_commit_) {
    const auto left = options_.commit_interval -
                      std::chrono::duration_cast<Duration>(clock_->Monotonic() - last_commit_);
    longest = std::min(longest, left);
  }
  if (longest > Duration(0)) reader_->Wait(longest);
}

void StreamWorker::Wake() {
  if (reader_ != nullptr) reader_->Wake();
}

Task* StreamWorker::FindTask(const TaskId& id) {
  for (const auto& task : tasks_) {
    if (task->id() == id) return task.get();
  }
  return nullptr;
}

}  // namespace millrace
