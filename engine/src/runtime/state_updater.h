// StateUpdater: brings the stores of tasks up to their changelogs, away from the threads that
// process records: those of tasks that are to run here (handed over once they are there), and those
// of standbys (which follow for as long as they are wanted).
//
// It has one thread, one reader, and takes all its tasks in turn, a fetch each. Methods are
// thread-safe.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "millrace/topology.h"
#include "runtime/restore.h"
#include "runtime/stream_worker.h"

namespace millrace {

struct StateUpdaterOptions {
  std::string application;
  std::string state_directory;  // of the application
  Log* log = nullptr;
  StoreEnvironment* stores = nullptr;
  Counter* restored = nullptr;
  Counter* quarantined = nullptr;
  // Called on the updater's thread when a task may be taken.
  std::function<void()> on_restored;
};

class StateUpdater {
 public:
  enum class Role { kRestore, kStandby };
  struct Progress {
    TaskId task;
    Role role;
    int64_t behind = 0;    // offsets of the changelogs
    int64_t restored = 0;  // records so far
    int64_t restored_bytes = 0;
    double seconds = 0;  // since it began
  };

  StateUpdater(const Topology& topology, StateUpdaterOptions options);
  ~StateUpdater();

  absl::Status Start();
  void Stop();  // closes all stores

  // From now on it holds these tasks. Others are closed, unless they were taken.
  void SetTasks(std::map<TaskId, Role> wanted);

  // The tasks with Role::kRestore that hold what their changelogs held when they were given; they
  // are no longer wanted here. Null stores: they could not be opened; the taker tries again and
  // meets the error itself.
  RestoredStores TakeRestored();

  std::vector<Progress> progress() const;

 private:
  struct Entry {
    std::unique_ptr<TaskRestore> restore;
    Role role = Role::kRestore;
    std::chrono::nanoseconds began{0};
    std::chrono::nanoseconds refreshed{0};
    std::chrono::nanoseconds retry_at{0};
    bool open = false;
  };
  void Run();
  void TakeOrders();
  bool StepAll();
  absl::StatusOr<int> StepOne(Entry* entry);
  void HandOver(RestoredStores ready);
  void Report();
  void TellProgress(const std::vector<Progress>& progress);
  std::unique_ptr<TaskRestore> NewRestore(const TaskId& task);

  const Topology topology_;
  const StateUpdaterOptions options_;
  std::unique_ptr<LogReader> reader_;
  std::thread thread_;
  std::map<TaskId, Entry> entries_;  // the thread's
  std::chrono::nanoseconds told_{0};

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stop_ = false;
  bool new_orders_ = false;
  std::map<TaskId, Role> wanted_;
  RestoredStores restored_;
  std::vector<Progress> progress_;
};

}  // namespace millrace
