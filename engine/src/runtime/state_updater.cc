#include "runtime/state_updater.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/logging.h"
#include "millrace/status.h"
#include "runtime/reactions.h"

namespace millrace {
namespace {

constexpr Duration kIdleWait{50};
constexpr std::chrono::seconds kRefreshEvery{1};  // a standby's lag, for people
constexpr std::chrono::seconds kTellEvery{10};
constexpr std::chrono::seconds kPauseAfterError{1};

std::chrono::nanoseconds Now() { return Clock::System()->Monotonic(); }

}  // namespace

StateUpdater::StateUpdater(const Topology& topology, StateUpdaterOptions options)
    : topology_(topology), options_(std::move(options)) {}

StateUpdater::~StateUpdater() { Stop(); }

absl::Status StateUpdater::Start() {
  MR_ASSIGN_OR_RETURN(reader_, options_.log->NewReader());
  thread_ = std::thread([this] { Run(); });
  return absl::OkStatus();
}

void StateUpdater::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  if (reader_ != nullptr) reader_->Wake();
  if (thread_.joinable()) thread_.join();
  entries_.clear();
  restored_.clear();
}

void StateUpdater::SetTasks(std::map<TaskId, Role> wanted) {
  {
    const std::lock_guard lock(mutex_);
    if (wanted == wanted_) return;
    // What nobody takes any more is closed; a standby of it is opened again.
    std::erase_if(restored_, [&](const auto& ready) {
      const auto it = wanted.find(ready.first);
      return it == wanted.end() || it->second != Role::kRestore;
    });
    wanted_ = std::move(wanted);
    new_orders_ = true;
  }
  changed_.notify_all();
  reader_->Wake();
}

RestoredStores StateUpdater::TakeRestored() {
  const std::lock_guard lock(mutex_);
  for (const auto& [task, stores] : restored_) wanted_.erase(task);
  return std::exchange(restored_, {});
}

std::vector<StateUpdater::Progress> StateUpdater::progress() const {
  const std::lock_guard lock(mutex_);
  return progress_;
}

void StateUpdater::Run() {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (entries_.empty()) changed_.wait(lock, [this] { return stop_ || new_orders_; });
      if (stop_) return;
    }
    TakeOrders();
    if (!StepAll()) reader_->Wait(kIdleWait);
    Report();
  }
}

// Closes what is no longer wanted, then opens what is new.
void StateUpdater::TakeOrders() {
  std::map<TaskId, Role> wanted;
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(new_orders_, false)) return;
    wanted = wanted_;
    for (const auto& [task, stores] : restored_) wanted.erase(task);
  }
  for (auto it = entries_.begin(); it != entries_.end();) {
    if (wanted.contains(it->first)) {
      ++it;
      continue;
    }
    if (auto stores = it->second.restore->Release(); stores != nullptr) {
      if (absl::Status flushed = stores->Flush(); !flushed.ok()) LogWarning(flushed.ToString());
    }
    it = entries_.erase(it);
  }
  for (const auto& [task, role] : wanted) {
    auto [it, is_new] = entries_.try_emplace(task);
    Entry& entry = it->second;
    if (is_new) entry = {.restore = NewRestore(task), .began = Now()};
    // A standby that becomes the task restores what was written until now.
    if (!is_new && entry.role == Role::kStandby && role == Role::kRestore) entry.refreshed = {};
    entry.role = role;
  }
}

std::unique_ptr<TaskRestore> StateUpdater::NewRestore(const TaskId& task) {
  RestoreRequest request =
      StateOfTask(topology_.data(), options_.application, options_.state_directory, task);
  request.environment = options_.stores;
  request.log = options_.log;
  request.reader = reader_.get();
  request.restored = options_.restored;
  request.quarantined = options_.quarantined;
  return std::make_unique<TaskRestore>(std::move(request));
}

// Returns whether there was anything to do.
bool StateUpdater::StepAll() {
  bool worked = false;
  RestoredStores ready;
  for (auto it = entries_.begin(); it != entries_.end();) {
    Entry& entry = it->second;
    if (Now() < entry.retry_at) {
      ++it;
      continue;
    }
    const absl::StatusOr<int> done = StepOne(&entry);
    const bool failed = !done.ok() && ReactionTo(done.status()) != Reaction::kRestartTasks;
    if (!done.ok())
      LogWarning(absl::StrCat("task ", it->first.ToString(),
                              ": restore: ", std::string(done.status().message())));
    if (!done.ok()) {
      entry.restore = NewRestore(it->first);
      entry.open = false;
      entry.retry_at = Now() + kPauseAfterError;
    }
    worked |= done.ok() && *done > 0;
    const bool there = done.ok() && entry.restore->Reached();
    if (entry.role == Role::kRestore && (there || failed)) {
      ready[it->first] = entry.restore->Release();
      it = entries_.erase(it);
    } else {
      ++it;
    }
  }
  if (!ready.empty()) HandOver(std::move(ready));
  return worked;
}

absl::StatusOr<int> StateUpdater::StepOne(Entry* entry) {
  if (!entry->open) {
    MR_RETURN_IF_ERROR(entry->restore->Open());
    entry->open = true;
    entry->refreshed = Now();
  }
  const bool standby = entry->role == Role::kStandby;
  if (entry->refreshed == std::chrono::nanoseconds(0) ||
      (standby && Now() - entry->refreshed > kRefreshEvery)) {
    MR_RETURN_IF_ERROR(entry->restore->RefreshEnds());
    entry->refreshed = Now();
  }
  return entry->restore->Step(/*follow=*/standby);
}

// What is ready at the same time goes together: a thread that gets several tasks asks the log once.
void StateUpdater::HandOver(RestoredStores ready) {
  {
    const std::lock_guard lock(mutex_);
    // Wanted as a standby since, or not at all: it is closed here, and TakeOrders() opens it again.
    std::erase_if(ready, [this](const auto& entry) {
      const auto wanted = wanted_.find(entry.first);
      return wanted == wanted_.end() || wanted->second != Role::kRestore;
    });
    restored_.merge(ready);
  }
  if (options_.on_restored) options_.on_restored();
}

void StateUpdater::Report() {
  std::vector<Progress> progress;
  for (const auto& [task, entry] : entries_) {
    const std::chrono::duration<double> took = Now() - entry.began;
    progress.push_back({task, entry.role, entry.restore->behind(), entry.restore->restored(),
                        entry.restore->restored_bytes(), took.count()});
  }
  TellProgress(progress);
  const std::lock_guard lock(mutex_);
  progress_ = std::move(progress);
}

// A restore that takes long says every ten seconds how far it is.
void StateUpdater::TellProgress(const std::vector<Progress>& progress) {
  if (told_ == std::chrono::nanoseconds(0)) told_ = Now();
  if (Now() - told_ < kTellEvery) return;
  told_ = Now();
  int tasks = 0;
  int64_t behind = 0;
  int64_t restored = 0;
  int64_t bytes = 0;
  double seconds = 0;
  for (const Progress& task : progress) {
    if (task.role != Role::kRestore) continue;
    ++tasks;
    behind += task.behind;
    restored += task.restored;
    bytes += task.restored_bytes;
    seconds = std::max(seconds, task.seconds);
  }
  if (tasks == 0) return;
  const double rate = static_cast<double>(restored) / std::max(seconds, 0.001);
  LogInfo(absl::StrFormat(
      "application '%s': restoring %d tasks: %d records, %.1f MB, %.0f/s, %s", options_.application,
      tasks, restored, static_cast<double>(bytes) / 1e6, rate,
      rate < 1 ? "no end in sight"
               : absl::StrFormat("about %.0f s left", static_cast<double>(behind) / rate)));
}

}  // namespace millrace
