// Task: one sub-topology on one partition number, with its stores, inputs and nodes.
//
// Life: Open (stores, restore, Init of every processor) -> Process ... -> Close. The task never
// commits: its worker collects a CommitPart and the consumed offsets and asks the Committer.
// Everything a task wrote since the last commit can be dropped by destroying it. Thread: its
// worker's.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "commit/committer.h"
#include "millrace/topology.h"
#include "runtime/global_state.h"
#include "runtime/idle_time.h"
#include "runtime/node_runtime.h"
#include "runtime/punctuations.h"
#include "runtime/task_metrics.h"
#include "sink/dead_letter.h"
#include "sink/record_collector.h"
#include "source/partition_group.h"
#include "store/store_environment.h"
#include "store/task_stores.h"

namespace millrace {

// What all tasks of a worker share. Everything is borrowed and must outlive the tasks.
struct TaskEnvironment {
  const detail::TopologyData* data = nullptr;
  std::string application;
  std::string state_directory;  // of the application; each task has a folder below
  Log* log = nullptr;
  LogReader* reader = nullptr;
  RecordCollector* collector = nullptr;
  StoreEnvironment* stores = nullptr;
  const Clock* clock = nullptr;
  TaskMetrics* metrics = nullptr;
  PartitionGroup::Options inputs;
  GlobalState* globals = nullptr;  // null: the topology has no global stores
};

// What the log knows of the inputs of a worker's tasks when these open.
struct InputState {
  GroupOffsets committed;
  std::map<std::string, std::vector<PartitionDescription>> topics;
};

class Task : public TaskServices {
 public:
  Task(TaskId id, TaskEnvironment* env);
  ~Task() override;

  // Opens the stores (a damaged directory is moved aside), restores them from their changelogs and
  // starts reading at the group's positions. `restored`: stores that are open already.
  absl::Status Open(const InputState& inputs, std::unique_ptr<TaskStores> restored);

  // Runs up to `max_records` records, each with the stream-time punctuations that it makes due.
  // Returns how many. An error: the log cannot be read, or a poison record under Stop().
  absl::StatusOr<int> Process(int max_records);
  // Fetches for empty inputs; says whether there is something to process.
  absl::StatusOr<bool> Refill();
  absl::StatusOr<bool> PunctuateWallClock();
  // Event time of the next record; Timestamp::max() if there is none.
  Timestamp next_timestamp() const { return group_->next_timestamp(); }
  Timestamp next_wall_clock_punctuation() const {
    return IsHeldBack() ? Timestamp::max() : wall_clock_.next_due();
  }

  // For a commit. First of all: what waited for it is forwarded.
  absl::Status PrepareCommit();
  // Lives no longer than until the next record.
  CommitPart commit_part() const;
  // Adds the positions that have moved since the last commit, or all.
  void AddConsumed(bool all, GroupOffsets* offsets) const;
  void OnCommitted();
  // Whether the group's positions are those of this task's last commit.
  bool StandsAt(const GroupOffsets& committed) const;
  bool commit_requested() const { return commit_requested_; }
  size_t dirty_bytes() const { return stores_ == nullptr ? 0 : stores_->dirty_bytes(); }
  TaskStores* stores() { return stores_.get(); }

  // Ends the processors and flushes the stores. REQUIRES: everything is committed.
  absl::Status Close();

  // TaskServices.
  detail::ErasedStore* FindStore(std::string_view name) override;
  std::shared_ptr<detail::PunctuationHandle> Schedule(
      int node, Duration interval, PunctuationType type, std::optional<Timestamp> start,
      std::function<void(Timestamp)> callback) override;
  Timestamp StreamTime() const override { return group_->stream_time(); }
  Timestamp WallClock() const override { return env_->clock->Now(); }
  const TaskId& id() const override { return id_; }
  const std::string& application_id() const override { return env_->application; }
  MetricsRegistry* metrics() override { return env_->metrics->registry; }
  int32_t TaskCount() const override { return task_count_; }
  const RecordMetadata* metadata() const override {
    return current_ == nullptr ? nullptr : &metadata_;
  }
  Timestamp* DurableTime(std::string_view name) override {
    return &durable_times_.try_emplace(std::string(name), kNoTimestamp).first->second;
  }
  void CountDropped(detail::Drop reason) override {
    env_->metrics->dropped[static_cast<size_t>(reason)]->Add();
  }
  void RequestCommit() override { commit_requested_ = true; }
  const detail::HeldRecord* SetHeldRecord(const detail::HeldRecord* held) override {
    return std::exchange(held_, held);
  }
  void ReportPoison(const NodeRuntime& node, PoisonClass poison, std::string_view error) override;

 private:
  // Until the global stores that it reads are ready.
  bool IsHeldBack() const;
  absl::Status CheckGlobals() const;
  absl::Status OpenStores(const GroupOffsets& committed, std::unique_ptr<TaskStores> restored);
  absl::Status TryOpenStores(const GroupOffsets& committed, std::unique_ptr<TaskStores> restored);
  void BuildNodes();
  absl::Status OpenInputs(const InputState& inputs);
  absl::Status AssignInput(const detail::NodeSpec* source, const TopicPartition& partition,
                           Offset begin, const GroupOffsets& committed);
  absl::Status OpenCustomStores();
  absl::Status InitNodes();
  void ProcessHead(RecordQueue* queue);
  void PunctuateStreamTime();
  bool AdvanceIdleTime();
  void RunPunctuations(Punctuations* schedule, Timestamp now);
  void HandlePoison(std::string_view step, PoisonClass poison, std::string_view error);
  // The record that is at fault, and where it came from; null: a punctuation is.
  const RecordView* Suspect(const TopicPartition** origin) const;
  void SendToDeadLetters(const RecordView& suspect, const TopicPartition& origin,
                         const PoisonReport& report);
  NodeRuntime* RuntimeOf(const detail::NodeSpec& spec);

  const TaskId id_;
  TaskEnvironment* const env_;
  const detail::SubtopologySpec& spec_;
  std::unique_ptr<TaskStores> stores_;
  absl::flat_hash_map<std::string, std::unique_ptr<GlobalStoreView>> globals_;
  absl::flat_hash_map<std::string, std::string> changelogs_;  // store -> topic
  std::vector<std::unique_ptr<NodeRuntime>> nodes_;           // as in spec_.nodes
  std::vector<NodeRuntime*> entry_of_queue_;                  // by queue index in the group
  std::unique_ptr<PartitionGroup> group_;
  std::vector<Offset> committed_positions_;
  // The stores whose changelog is an input, and which one.
  std::vector<std::pair<std::string, size_t>> source_stores_;
  IdleTime idle_;
  std::map<std::string, Timestamp> durable_times_;  // of steps
  Punctuations stream_time_;
  Punctuations wall_clock_;
  const RecordQueue* current_ = nullptr;  // of the record that is being processed
  RecordMetadata metadata_;
  const detail::HeldRecord* held_ =
      nullptr;  // is let out, beside the current record or without one
  int32_t task_count_ = 1;
  bool commit_requested_ = false;
  bool initialized_ = false;
  absl::Status status_;  // a poison record under Stop()
};

}  // namespace millrace
