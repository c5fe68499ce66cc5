#include "runtime/stream_worker.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/logging.h"
#include "millrace/detail/topology_data.h"
#include "millrace/status.h"
#include "runtime/task_plan.h"

namespace millrace {
namespace {
constexpr int kMaxRestartsWithoutCommit = 5;
constexpr std::chrono::hours kCommitAllEvery{24};
constexpr std::chrono::nanoseconds kFirstPause = std::chrono::milliseconds(50);
constexpr std::chrono::nanoseconds kLongestPause = std::chrono::seconds(2);

// From before a commit's records can be seen until its rows can.
class OpenCommit {
 public:
  explicit OpenCommit(std::atomic<int>* count) : count_(count) {
    if (count_ != nullptr) count_->fetch_add(1);
  }
  ~OpenCommit() {
    if (count_ != nullptr) count_->fetch_sub(1);
  }
  OpenCommit(const OpenCommit&) = delete;
  OpenCommit& operator=(const OpenCommit&) = delete;

 private:
  std::atomic<int>* const count_;
};
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

absl::Status StreamWorker::OpenReader() {
  MR_ASSIGN_OR_RETURN(reader_, log_->NewReader());
  environment_.reader = reader_.get();
  return absl::OkStatus();
}

absl::Status StreamWorker::Start() {
  if (reader_ == nullptr) MR_RETURN_IF_ERROR(OpenReader());
  MR_RETURN_IF_ERROR(OpenProducer());
  return OpenTasks({});
}

absl::Status StreamWorker::OpenProducer() {
  MR_ASSIGN_OR_RETURN(producer_,
                      log_->NewProducer({.transactional_id = options_.transactional_id}));
  collector_.Bind(producer_.get());
  committer_.Bind(producer_.get());
  last_commit_ = clock_->Monotonic();
  work_since_commit_ = false;
  return absl::OkStatus();
}

absl::Status StreamWorker::OpenTasks(RestoredStores restored) {
  const auto is_open = [&](const TaskId& id) { return FindTask(id) != nullptr; };
  if (std::all_of(task_ids_.begin(), task_ids_.end(), is_open)) return absl::OkStatus();
  // Read after older producers were fenced: what it says cannot change any more.
  MR_ASSIGN_OR_RETURN(const InputState inputs, DescribeInputs());
  for (const TaskId& id : task_ids_) {
    if (is_open(id)) continue;
    MR_RETURN_IF_ERROR(OpenTask(id, inputs, std::move(restored[id])));
  }
  return absl::OkStatus();
}

std::vector<TopicPartition> StreamWorker::Inputs() const {
  std::vector<TopicPartition> inputs;
  for (const TaskId& id : task_ids_) {
    for (TopicPartition& input : InputsOf(topology_.data(), options_.application, id)) {
      inputs.push_back(std::move(input));
    }
  }
  return inputs;
}

absl::StatusOr<InputState> StreamWorker::DescribeInputs() {
  const std::vector<TopicPartition> inputs = Inputs();
  InputState state;
  MR_ASSIGN_OR_RETURN(state.committed, log_->CommittedOffsetsOf(options_.application, inputs));
  for (const TopicPartition& input : inputs) {
    const auto [topic, is_new] = state.topics.try_emplace(input.topic);
    if (!is_new) continue;
    MR_ASSIGN_OR_RETURN(topic->second, log_->DescribePartitions(input.topic));
  }
  return state;
}

absl::Status StreamWorker::OpenTask(const TaskId& id, const InputState& inputs,
                                    std::unique_ptr<TaskStores> restored) {
  auto task = std::make_unique<Task>(id, &environment_);
  MR_RETURN_IF_ERROR(task->Open(inputs, std::move(restored)));
  if (options_.on_view && task->stores() != nullptr) {
    options_.on_view(id, task->stores()->committed());
  }
  tasks_.push_back(std::move(task));
  return absl::OkStatus();
}

absl::Status StreamWorker::SetTasks(std::vector<TaskId> tasks, RestoredStores restored) {
  const bool was_suspended = std::exchange(suspended_, false);
  task_ids_ = std::move(tasks);
  if (!broken_.ok()) return absl::OkStatus();  // Mend() opens what is in task_ids_
  absl::Status set = CloseTasksBut(task_ids_);
  if (set.ok() && was_suspended && !tasks_.empty()) {
    const absl::StatusOr<GroupOffsets> committed =
        log_->CommittedOffsetsOf(options_.application, Inputs());
    set = committed.status();
    // The group may have gone round without us, and somebody else have worked on our tasks.
    if (committed.ok() && HaveMoved(*committed)) DropTasks();
  }
  if (set.ok() && producer_ == nullptr) set = OpenProducer();
  if (set.ok()) set = OpenTasks(std::move(restored));
  if (set.ok() || ReactionOf(set) != Reaction::kRestartTasks) return set;
  Break(set);
  return absl::OkStatus();
}

absl::Status StreamWorker::CloseTasksBut(const std::vector<TaskId>& kept) {
  const auto stays = [&](const std::unique_ptr<Task>& task) {
    return std::find(kept.begin(), kept.end(), task->id()) != kept.end();
  };
  const auto gone = std::stable_partition(tasks_.begin(), tasks_.end(), stays);
  if (gone == tasks_.end()) return absl::OkStatus();
  // All tasks commit together, so those that stay commit as well.
  MR_RETURN_IF_ERROR(Commit().status());
  absl::Status closed;
  for (auto task = gone; task != tasks_.end(); ++task) {
    if (options_.on_view) options_.on_view((*task)->id(), nullptr);
    closed.Update((*task)->Close());
  }
  tasks_.erase(gone, tasks_.end());
  return closed;
}

bool StreamWorker::HaveMoved(const GroupOffsets& committed) const {
  return std::any_of(tasks_.begin(), tasks_.end(),
                     [&](const auto& task) { return !task->StandsAt(committed); });
}

absl::Status StreamWorker::Suspend() {
  suspended_ = true;
  if (!broken_.ok()) return absl::OkStatus();
  const absl::Status committed = Commit().status();
  if (committed.ok() || ReactionOf(committed) != Reaction::kRestartTasks) return committed;
  Break(committed);
  return absl::OkStatus();
}

void StreamWorker::LoseTasks() {
  suspended_ = true;
  task_ids_.clear();
  DropTasks();
  broken_ = absl::OkStatus();
}

void StreamWorker::DropTasks() {
  for (const auto& task : tasks_) {
    if (options_.on_view) options_.on_view(task->id(), nullptr);
  }
  tasks_.clear();
  collector_.Bind(nullptr);
  committer_.Bind(nullptr);
  producer_.reset();  // aborts the open transaction
  work_since_commit_ = false;
}

// Who takes over from a member that seems dead fences its producers, and deletes what it has read
// of repartition topics. One that is alive opens its tasks anew until the group tells it what it
// still owns; and the group tells two processes of one name apart.
Reaction StreamWorker::ReactionOf(const absl::Status& status) const {
  const bool overtaken = absl::IsAborted(status) || absl::IsOutOfRange(status);
  const bool in_group = options_.member != nullptr;
  return in_group && overtaken ? Reaction::kRestartTasks : ReactionTo(status);
}

// The tasks are closed now, and opened again by Mend(): at once, then with growing pauses.
void StreamWorker::Break(const absl::Status& cause) {
  DropTasks();
  metrics_->restarts->Add();
  broken_ = cause;
  const int attempt = restarts_without_commit_++;
  mend_at_ = clock_->Monotonic();
  if (attempt > 0) mend_at_ += std::min(kLongestPause, kFirstPause * (1 << std::min(attempt, 10)));
  LogWarning(absl::StrCat("application '", options_.application, "', worker ",
                          options_.transactional_id,
                          ": restarting its tasks: ", std::string(cause.message())));
}

// Whether the worker is whole again.
absl::StatusOr<bool> StreamWorker::Mend() {
  // A sick store or a lost file does not heal by waiting; a log that is away does.
  if (absl::IsInternal(broken_) && restarts_without_commit_ > kMaxRestartsWithoutCommit) {
    return broken_;
  }
  if (suspended_ || clock_->Monotonic() < mend_at_) return false;
  absl::Status opened = OpenProducer();
  if (opened.ok()) opened = OpenTasks({});
  if (opened.ok()) {
    broken_ = absl::OkStatus();
    return true;
  }
  if (ReactionOf(opened) != Reaction::kRestartTasks) return opened;
  Break(opened);
  return false;
}

absl::StatusOr<StreamWorker::Progress> StreamWorker::Step(int max_records) {
  if (!broken_.ok()) {
    const absl::StatusOr<bool> mended = Mend();
    if (!mended.ok()) DropTasks();
    if (!mended.ok()) return mended.status();
    if (!*mended) return Progress{};
  }
  if (suspended_) return Progress{};
  absl::StatusOr<Progress> progress = TryStep(max_records);
  if (progress.ok()) return progress;
  absl::Status failed = progress.status();
  if (ReactionOf(failed) == Reaction::kRestartTasks) {
    Break(failed);
    failed = Mend().status();
  }
  if (failed.ok()) return Progress{};
  DropTasks();
  return failed;
}

absl::StatusOr<StreamWorker::Progress> StreamWorker::TryStep(int max_records) {
  Progress progress;
  if (!paused_) {
    MR_ASSIGN_OR_RETURN(progress.records, ProcessTasks(max_records));
  }
  for (const auto& task : tasks_) {
    if (paused_) break;
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
  // A group's coordinator forgets positions that nobody commits for a week.
  const bool all = options_.member != nullptr && last_commit_ - all_committed_ >= kCommitAllEvery;
  for (const auto& task : tasks_) task->AddConsumed(all, &consumed);
  if (consumed.empty() && !work_since_commit_) return false;
  std::vector<CommitPart> parts;
  parts.reserve(tasks_.size());
  for (const auto& task : tasks_) parts.push_back(task->commit_part());
  std::string member;
  if (options_.member) {
    MR_ASSIGN_OR_RETURN(member, options_.member());
  }
  const OpenCommit open(options_.open_commits);
  MR_RETURN_IF_ERROR(committer_.Commit(parts, consumed, member));
  for (const auto& task : tasks_) task->OnCommitted();
  if (all) all_committed_ = last_commit_;
  work_since_commit_ = false;
  restarts_without_commit_ = 0;
  metrics_->commits->Add();
  const std::chrono::duration<double> took = clock_->Monotonic() - last_commit_;
  metrics_->commit_seconds->Observe(took.count());
  return true;
}

absl::Status StreamWorker::Stop() {
  // What a broken worker did since its last commit is gone already, and done again at the next
  // start.
  absl::Status status = broken_.ok() ? Commit().status() : absl::OkStatus();
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
  if (!broken_.ok()) longest = std::min(longest, Duration(50));
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
