// StreamWorker: the tasks of one thread, with one reader and one transactional producer. It has no
// thread of its own: Step() is one round, called by the engine's threads, by the TopologyDriver and
// by simulations. All of its tasks commit in one transaction.
//
// Tasks come and go with SetTasks(). Between Suspend() and SetTasks() nothing is processed: a group
// is moving tasks, and what was done is committed.
// Thread: one at a time, but for Wake().
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "commit/committer.h"
#include "runtime/reactions.h"
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
  // Counts the commits of all workers that may have begun in the log and are not in the stores yet;
  // null: nobody asks.
  std::atomic<int>* open_commits = nullptr;
  // TaskGroup::Identity(); null: the log has no groups.
  std::function<absl::StatusOr<std::string>()> member;
};

// Stores that were restored elsewhere, nearly up to their changelogs.
using RestoredStores = std::map<TaskId, std::unique_ptr<TaskStores>>;

class StreamWorker {
 public:
  // Everything borrowed must outlive the worker.
  StreamWorker(Topology topology, std::vector<TaskId> tasks, Log* log, StoreEnvironment* stores,
               const Clock* clock, TaskMetrics* metrics, StreamWorkerOptions options);
  ~StreamWorker();

  // Reaches nobody yet. From now on Wake() may be called.
  absl::Status OpenReader();
  // Fences older workers of the same transactional id, restores and starts the tasks.
  absl::Status Start();

  // From now on these are the worker's tasks. New ones start where their group stands, on
  // `restored` if it has them; those that stay go on undisturbed; the others are committed and
  // closed. An error of the kind that Step() mends is mended by the next Step().
  absl::Status SetTasks(std::vector<TaskId> tasks, RestoredStores restored = {});

  // Commits, and processes nothing until SetTasks(). Tasks that could not be committed are dropped
  // back to their last commit.
  absl::Status Suspend();

  // Drops the open transaction and closes all tasks: others may own them already.
  void LoseTasks();

  struct Progress {
    int records = 0;
    bool punctuated = false;
    bool committed = false;
    bool any() const { return records > 0 || punctuated || committed; }
  };
  // Processes up to about `max_records` records, the task with the earliest one first, and commits
  // when it is time. Errors that a restart of the tasks can mend are mended here, with growing
  // pauses while the log is away; any other one means that the worker has stopped.
  absl::StatusOr<Progress> Step(int max_records);

  // Commits now if anything happened since the last time. Durable when it returns OK.
  absl::StatusOr<bool> Commit();

  // Commits and closes the tasks.
  absl::Status Stop();

  // Waits for new records, for Wake() or until something is due; at most `longest`.
  void WaitForWork(Duration longest);
  void Wake();

  // While paused, nothing is processed; what is open is committed.
  void SetPaused(bool paused) { paused_ = paused; }

  Task* FindTask(const TaskId& id);
  const std::vector<TaskId>& task_ids() const { return task_ids_; }

 private:
  absl::Status OpenProducer();
  Reaction ReactionOf(const absl::Status& status) const;
  absl::Status OpenTasks(RestoredStores restored);
  // Of the inputs of task_ids_.
  std::vector<TopicPartition> Inputs() const;
  absl::StatusOr<InputState> DescribeInputs();
  absl::Status OpenTask(const TaskId& id, const InputState& inputs,
                        std::unique_ptr<TaskStores> restored);
  absl::Status CloseTasksBut(const std::vector<TaskId>& kept);
  bool HaveMoved(const GroupOffsets& committed) const;
  void DropTasks();
  void Break(const absl::Status& cause);
  absl::StatusOr<bool> Mend();
  absl::StatusOr<Progress> TryStep(int max_records);
  absl::StatusOr<int> ProcessTasks(int max_records);
  bool CommitIsDue() const;
  absl::StatusOr<bool> TryCommit();

  const Topology topology_;
  std::vector<TaskId> task_ids_;
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
  bool suspended_ = false;
  bool paused_ = false;
  bool work_since_commit_ = false;
  std::chrono::nanoseconds last_commit_{0};
  std::chrono::nanoseconds all_committed_{0};
  absl::Status broken_;  // why the tasks are closed although they are ours
  std::chrono::nanoseconds mend_at_{0};
  int restarts_without_commit_ = 0;
};

}  // namespace millrace
