// StreamWorker: the tasks of one thread, with one reader and one transactional producer. It has no
// thread of its own: Step() is one round, called by the engine's threads, by the TopologyDriver and
// by simulations. All of its tasks commit in one transaction.
// Thread: one at a time, but for Wake().
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "commit/committer.h"
#include "runtime/task.h"

namespace millrace {

struct StreamWorkerOptions {
  std::string application;
  std::string transactional_id;
  std::string state_directory;
  Duration commit_interval{100};
  size_t max_transaction_bytes = 64 << 20;
  PartitionGroup::Options inputs;
  GlobalState* globals = nullptr;  // started; null: the topology has no global stores
  CrashHook crash;
  // Called when a task's committed state may be looked at from other threads, and no longer.
  std::function<void(const TaskId&, CommittedView*)> on_view;
};

class StreamWorker {
 public:
  // Everything borrowed must outlive the worker.
  StreamWorker(Topology topology, std::vector<TaskId> tasks, Log* log, StoreEnvironment* stores,
               const Clock* clock, TaskMetrics* metrics, StreamWorkerOptions options);
  ~StreamWorker();

  // Fences older workers of the same transactional id, restores and starts the tasks.
  absl::Status Start();

  struct Progress {
    int records = 0;
    bool punctuated = false;
    bool committed = false;
    bool any() const { return records > 0 || punctuated || committed; }
  };
  // Processes up to about `max_records` records, the task with the earliest one first, and commits
  // when it is time. Errors that a restart of the tasks can mend are mended here; any other one
  // means that the worker has stopped.
  absl::StatusOr<Progress> Step(int max_records);

  // Commits now if anything happened since the last time. Durable when it returns OK.
  absl::StatusOr<bool> Commit();

  // Commits and closes the tasks.
  absl::Status Stop();

  // Waits for new records, for Wake() or until something is due; at most `longest`.
  void WaitForWork(Duration longest);
  void Wake();

  Task* FindTask(const TaskId& id);

 private:
  absl::Status OpenTasks();
  void DropTasks();
  absl::Status Restart(const absl::Status& cause);
  absl::StatusOr<Progress> TryStep(int max_records);
  absl::StatusOr<int> ProcessTasks(int max_records);
  bool CommitIsDue() const;
  absl::StatusOr<bool> TryCommit();

  const Topology topology_;
  const std::vector<TaskId> task_ids_;
  Log* const log_;
  const Clock* const clock_;
  TaskMetrics* const metrics_;
  const StreamWorkerOptions options_;
  RecordCollector collector_;
  Committer committer_;
  std::unique_ptr<LogReader> reader_;
  std::unique_ptr<LogProducer> producer_;
  TaskEnvironment environment_;
  std::vector<std::unique_ptr<Task>> tasks_;
  std::vector<Task*> order_;  // of tasks in a round; reused
  bool work_since_commit_ = false;
  std::chrono::nanoseconds last_commit_{0};
  int restarts_without_commit_ = 0;
};

}  // namespace millrace
