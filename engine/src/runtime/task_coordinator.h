// TaskCoordinator: carries out what the task group says. It has a thread of its own that polls the
// group, tells the worker threads what to commit, give up and take over, has stores restored before
// a worker gets them, and keeps standbys where the group would send their tasks next.
//
//   group ──events──► TaskCoordinator ──Call()──► WorkerThread (one per thread of the engine)
//                          │    ▲
//                    SetTasks  TakeRestored
//                          ▼    │
//                       StateUpdater (restores, standbys)
//
// With a log that has no groups, all tasks are this process's for good. Methods are thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "millrace/engine.h"
#include "millrace/task_group.h"
#include "runtime/state_updater.h"
#include "runtime/task_placement.h"
#include "runtime/worker_thread.h"

namespace millrace {

struct TaskCoordinatorOptions {
  std::vector<TaskId> tasks;
  std::set<TaskId> stateful;  // those of `tasks` with stores to restore
  int threads = 1;
  int standby_replicas = 0;
  std::unique_ptr<TaskGroup> group;  // null: no groups
  StateUpdater* updater = nullptr;   // started
  std::function<std::unique_ptr<WorkerThread>(int index)> new_thread;
  std::function<void(const absl::Status&)> on_error;
  // Ends the open transactions of a member that is gone, by its instance id.
  std::function<void(const std::string& instance)> fence_member;
};

class TaskCoordinator {
 public:
  explicit TaskCoordinator(TaskCoordinatorOptions options);
  ~TaskCoordinator();

  // Starts the threads. Without a group it returns once every task runs, with its error otherwise.
  absl::Status Start();
  // Commits, closes everything; `leave`: gives the tasks to the other members at once.
  void Stop(bool leave);

  // Takes effect soon.
  void SetThreads(int threads);
  void SetPaused(bool paused);
  void Wake();
  // Ends the waits of the worker threads: something that they wait for is there.
  void WakeThreads();

  std::vector<TaskStatus> tasks() const;

 private:
  void Run();
  absl::Status Handle(const TaskGroupEvent& event);
  absl::Status Revoke(const std::set<TaskId>& tasks);
  absl::Status Assign(const std::set<TaskId>& tasks);
  absl::Status Lose();
  void FenceTheGone();
  absl::Status ResizeThreads();
  absl::Status Distribute(RestoredStores restored);
  absl::Status GiveToThreads(bool shrink, RestoredStores* restored);
  absl::Status AwaitNewThreads();
  absl::Status CallAll(const WorkerThread::Job& job);
  void PlaceStandbys();
  void TellUpdater();
  void Publish();
  std::set<TaskId> TasksOf(const std::vector<int32_t>& numbers) const;

  TaskCoordinatorOptions options_;
  const std::vector<TaskId> in_order_;
  std::thread thread_;
  std::atomic<bool> stop_{false};

  // The coordinator's thread only; others read it under the mutex.
  std::mutex threads_mutex_;
  std::vector<std::unique_ptr<WorkerThread>> threads_;
  std::set<TaskId> owned_;
  std::set<TaskId> restoring_;
  std::set<TaskId> standbys_;
  std::map<TaskId, int> placed_;
  std::vector<std::vector<TaskId>> given_;  // by thread, as it was told last
  bool new_threads_ = false;                // that may not have fenced older ones yet
  bool suspended_ = false;
  std::chrono::nanoseconds standbys_placed_{0};
  std::set<std::string> members_;  // instance ids, as of the last assignment

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int wanted_threads_;
  bool wanted_pause_ = false;
  bool paused_ = false;
  bool woken_ = false;
  bool first_done_ = false;
  absl::Status first_status_;
  std::map<TaskId, TaskStatus::State> published_;
};

}  // namespace millrace
