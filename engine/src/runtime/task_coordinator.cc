#include "runtime/task_coordinator.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/logging.h"
#include "millrace/status.h"
#include "runtime/reactions.h"

namespace millrace {
namespace {

constexpr Duration kPollWhileRestoring{10};
constexpr Duration kPoll{200};
constexpr std::chrono::seconds kStandbysEvery{3};

std::chrono::nanoseconds Now() { return Clock::System()->Monotonic(); }

}  // namespace

TaskCoordinator::TaskCoordinator(TaskCoordinatorOptions options)
    : options_(std::move(options)),
      in_order_(InGroupOrder(options_.tasks)),
      wanted_threads_(options_.threads) {}

TaskCoordinator::~TaskCoordinator() { Stop(/*leave=*/false); }

absl::Status TaskCoordinator::Start() {
  MR_RETURN_IF_ERROR(ResizeThreads());
  thread_ = std::thread([this] { Run(); });
  if (options_.group != nullptr) return absl::OkStatus();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return first_done_; });
  return first_status_;
}

void TaskCoordinator::Stop(bool leave) {
  stop_.store(true);
  Wake();
  if (thread_.joinable()) thread_.join();
  for (const auto& thread : threads_) thread->RequestStop();
  {
    const std::lock_guard lock(threads_mutex_);
    threads_.clear();  // each has committed and closed its tasks
  }
  if (leave && options_.group != nullptr) {
    if (absl::Status left = options_.group->Leave(); !left.ok()) {
      LogWarning(absl::StrCat("leaving the group: ", std::string(left.message())));
    }
  }
  options_.group.reset();
}

void TaskCoordinator::Wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

void TaskCoordinator::WakeThreads() {
  const std::lock_guard lock(threads_mutex_);
  for (const auto& thread : threads_) thread->Wake();
}

void TaskCoordinator::SetThreads(int threads) {
  {
    const std::lock_guard lock(mutex_);
    wanted_threads_ = threads;
  }
  Wake();
}

void TaskCoordinator::SetPaused(bool paused) {
  {
    const std::lock_guard lock(mutex_);
    wanted_pause_ = paused;
  }
  Wake();
}

void TaskCoordinator::Run() {
  absl::Status status;
  if (options_.group == nullptr) status = Assign({in_order_.begin(), in_order_.end()});
  while (status.ok() && !stop_.load()) {
    if (options_.group == nullptr) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return woken_ || (restoring_.empty() && !first_done_); });
      woken_ = false;
    } else {
      const Duration longest = restoring_.empty() ? kPoll : kPollWhileRestoring;
      const absl::StatusOr<TaskGroupEvent> event = options_.group->Poll(longest);
      status = event.ok() ? Handle(*event) : event.status();
      if (absl::IsUnavailable(status)) status = absl::OkStatus();  // it keeps trying
    }
    if (status.ok()) status = ResizeThreads();
    // While the group moves, nobody gets anything: Assign() ends that.
    if (status.ok() && !suspended_) status = Distribute(options_.updater->TakeRestored());
    PlaceStandbys();
    const std::lock_guard lock(mutex_);
    if (!first_done_ && (!status.ok() || (!owned_.empty() && restoring_.empty()))) {
      first_done_ = true;
      first_status_ = status;
      changed_.notify_all();
    }
  }
  if (!status.ok()) {
    // Whoever has the tasks now must not meet our transactions.
    if (absl::IsAborted(status)) (void)Lose();
    options_.on_error(status);
  }
  const std::lock_guard lock(mutex_);
  if (!std::exchange(first_done_, true)) first_status_ = status;
  changed_.notify_all();
}

std::set<TaskId> TaskCoordinator::TasksOf(const std::vector<int32_t>& numbers) const {
  std::set<TaskId> tasks;
  for (const int32_t number : numbers) tasks.insert(in_order_.at(static_cast<size_t>(number)));
  return tasks;
}

absl::Status TaskCoordinator::Handle(const TaskGroupEvent& event) {
  using Kind = TaskGroupEvent::Kind;
  if (event.kind == Kind::kNone) return absl::OkStatus();
  const char* const what = event.kind == Kind::kRevoked    ? "gives up"
                           : event.kind == Kind::kAssigned ? "has"
                                                           : "has lost";
  LogInfo(absl::StrCat("task group: this worker ", what, " ", event.tasks.size(), " of ",
                       in_order_.size(), " tasks", event.reason.empty() ? "" : ": ", event.reason));
  const std::set<TaskId> tasks = TasksOf(event.tasks);
  if (event.kind == Kind::kAssigned) {
    MR_RETURN_IF_ERROR(options_.group->Acknowledge());
    FenceTheGone();
    return Assign(tasks);
  }
  MR_RETURN_IF_ERROR(event.kind == Kind::kRevoked ? Revoke(tasks) : Lose());
  return options_.group->Acknowledge();
}

// A group that moves everything at once gives most tasks back to where they were: they are kept
// open. What is taken from us for good is closed.
absl::Status TaskCoordinator::Revoke(const std::set<TaskId>& tasks) {
  if (suspended_) return absl::OkStatus();  // everything is given up already
  if (tasks == owned_) {
    suspended_ = true;
    if (owned_.empty()) return absl::OkStatus();
    return CallAll([](StreamWorker& worker) { return worker.Suspend(); });
  }
  for (const TaskId& task : tasks) {
    owned_.erase(task);
    restoring_.erase(task);
  }
  TellUpdater();
  return Distribute({});
}

// What a dead member has open hides the positions and changelogs of its tasks until the log gives
// it up, which takes longer than the group does. One member ends it for all.
void TaskCoordinator::FenceTheGone() {
  if (!options_.fence_member) return;
  const absl::StatusOr<std::vector<TaskGroupMember>> members = options_.group->Members();
  if (!members.ok()) return;  // then the log ends it
  std::set<std::string> present;
  std::string self;
  for (const TaskGroupMember& member : *members) {
    if (member.is_this) self = member.instance_id;
    if (!member.instance_id.empty()) present.insert(member.instance_id);
  }
  const std::set<std::string> before = std::exchange(members_, present);
  if (present.empty() || *present.begin() != self) return;
  for (const std::string& member : before) {
    if (!present.contains(member)) options_.fence_member(member);
  }
}

absl::Status TaskCoordinator::Assign(const std::set<TaskId>& tasks) {
  for (const TaskId& task : tasks) {
    if (!owned_.contains(task) && options_.stateful.contains(task)) restoring_.insert(task);
  }
  std::erase_if(restoring_, [&](const TaskId& task) { return !tasks.contains(task); });
  owned_ = tasks;
  standbys_placed_ = {};
  // Closed before the updater may open them as standbys; opened before it is asked for them.
  MR_RETURN_IF_ERROR(Distribute({}));
  TellUpdater();
  return absl::OkStatus();
}

absl::Status TaskCoordinator::Lose() {
  owned_.clear();
  restoring_.clear();
  placed_.clear();
  given_.assign(threads_.size(), {});
  suspended_ = true;
  TellUpdater();
  return CallAll([](StreamWorker& worker) {
    worker.LoseTasks();
    return absl::OkStatus();
  });
}

absl::Status TaskCoordinator::ResizeThreads() {
  int wanted = 0;
  bool pause = false;
  {
    const std::lock_guard lock(mutex_);
    wanted = wanted_threads_;
    pause = wanted_pause_;
  }
  if (static_cast<int>(threads_.size()) > wanted) {
    // Their tasks move first: two threads cannot hold one store.
    placed_ = PlaceOnThreads(owned_, placed_, wanted);
    MR_RETURN_IF_ERROR(GiveToThreads(/*shrink=*/true, nullptr));
    std::vector<std::unique_ptr<WorkerThread>> gone;
    {
      const std::lock_guard lock(threads_mutex_);
      while (static_cast<int>(threads_.size()) > wanted) {
        gone.push_back(std::move(threads_.back()));
        threads_.pop_back();
      }
    }
    given_.resize(threads_.size());
  }
  while (static_cast<int>(threads_.size()) < wanted) {
    std::unique_ptr<WorkerThread> thread = options_.new_thread(static_cast<int>(threads_.size()));
    MR_RETURN_IF_ERROR(thread->Start());
    const std::lock_guard lock(threads_mutex_);
    threads_.push_back(std::move(thread));
    given_.emplace_back();
    new_threads_ = true;
  }
  if (pause == paused_) return absl::OkStatus();
  paused_ = pause;
  return CallAll([pause](StreamWorker& worker) {
    worker.SetPaused(pause);
    return absl::OkStatus();
  });
}

absl::Status TaskCoordinator::Distribute(RestoredStores restored) {
  for (const auto& [task, stores] : restored) restoring_.erase(task);
  if (owned_.size() > restoring_.size()) MR_RETURN_IF_ERROR(AwaitNewThreads());
  placed_ = PlaceOnThreads(owned_, placed_, static_cast<int>(threads_.size()));
  MR_RETURN_IF_ERROR(GiveToThreads(/*shrink=*/true, nullptr));
  MR_RETURN_IF_ERROR(GiveToThreads(/*shrink=*/false, &restored));
  suspended_ = false;
  Publish();
  return absl::OkStatus();
}

// First pass: each thread keeps only what stays with it. Second: it gets what is new.
absl::Status TaskCoordinator::GiveToThreads(bool shrink, RestoredStores* restored) {
  for (size_t i = 0; i < threads_.size(); ++i) {
    std::vector<TaskId> tasks;
    for (const TaskId& task : in_order_) {
      const auto at = placed_.find(task);
      if (at == placed_.end() || at->second != static_cast<int>(i)) continue;
      if (restoring_.contains(task)) continue;
      const bool has = std::find(given_[i].begin(), given_[i].end(), task) != given_[i].end();
      if (!shrink || has) tasks.push_back(task);
    }
    if (tasks == given_[i] && !(suspended_ && !shrink)) continue;
    RestoredStores stores;
    if (restored != nullptr) {
      for (const TaskId& task : tasks) {
        if (auto found = restored->extract(task)) stores.insert(std::move(found));
      }
    }
    given_[i] = tasks;
    MR_RETURN_IF_ERROR(threads_[i]->Call([&](StreamWorker& worker) {
      return worker.SetTasks(std::move(tasks), std::move(stores));
    }));
  }
  return absl::OkStatus();
}

// Whatever thread of an older process had a task: nobody gets it before all of them are fenced.
absl::Status TaskCoordinator::AwaitNewThreads() {
  if (!std::exchange(new_threads_, false)) return absl::OkStatus();
  return CallAll([](StreamWorker&) { return absl::OkStatus(); });
}

absl::Status TaskCoordinator::CallAll(const WorkerThread::Job& job) {
  absl::Status status;
  for (const auto& thread : threads_) status.Update(thread->Call(job));
  return status;
}

void TaskCoordinator::PlaceStandbys() {
  if (options_.group == nullptr || options_.standby_replicas == 0) return;
  if (suspended_ || Now() - standbys_placed_ < kStandbysEvery) return;
  standbys_placed_ = Now();
  absl::StatusOr<std::vector<TaskGroupMember>> members = options_.group->Members();
  if (!members.ok()) return;  // asked again in a while
  std::sort(members->begin(), members->end(),
            [](const auto& a, const auto& b) { return a.instance_id < b.instance_id; });
  const auto self = std::find_if(members->begin(), members->end(),
                                 [](const auto& member) { return member.is_this; });
  if (self == members->end()) return;
  std::set<TaskId> standbys = TasksOf(
      StandbysOf(static_cast<int>(self - members->begin()), static_cast<int>(members->size()),
                 static_cast<int32_t>(in_order_.size()), options_.standby_replicas));
  std::erase_if(standbys, [&](const TaskId& task) { return !options_.stateful.contains(task); });
  if (standbys == standbys_) return;
  standbys_ = std::move(standbys);
  TellUpdater();
}

void TaskCoordinator::TellUpdater() {
  std::map<TaskId, StateUpdater::Role> wanted;
  for (const TaskId& task : standbys_) {
    if (!owned_.contains(task)) wanted[task] = StateUpdater::Role::kStandby;
  }
  for (const TaskId& task : restoring_) wanted[task] = StateUpdater::Role::kRestore;
  options_.updater->SetTasks(std::move(wanted));
}

void TaskCoordinator::Publish() {
  std::map<TaskId, TaskStatus::State> states;
  for (const TaskId& task : owned_) {
    states[task] =
        restoring_.contains(task) ? TaskStatus::State::kRestoring : TaskStatus::State::kRunning;
  }
  const std::lock_guard lock(mutex_);
  published_ = std::move(states);
}

std::vector<TaskStatus> TaskCoordinator::tasks() const {
  std::map<TaskId, TaskStatus> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [task, state] : published_) all[task] = {.task = task, .state = state};
  }
  for (const StateUpdater::Progress& progress : options_.updater->progress()) {
    const auto [it, is_new] = all.try_emplace(progress.task);
    TaskStatus& status = it->second;
    if (!is_new && status.state == TaskStatus::State::kRunning) continue;  // handed over just now
    status.task = progress.task;
    status.state = progress.role == StateUpdater::Role::kStandby ? TaskStatus::State::kStandby
                                                                 : TaskStatus::State::kRestoring;
    status.behind = progress.behind;
    status.restored = progress.restored;
    status.restored_bytes = progress.restored_bytes;
    status.seconds = progress.seconds;
  }
  std::vector<TaskStatus> tasks;
  for (auto& [task, status] : all) tasks.push_back(status);
  return tasks;
}

}  // namespace millrace
