// GlobalTask: one global store of an engine: reads all partitions of its topic and lets a processor
// keep them. The topic is its changelog: rows and read positions reach the files in one batch, so a
// start goes on where the files are, or at the beginning where there are none.
//
// Owned by GlobalState. Thread: the one that calls Step(), but for what says otherwise.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "millrace/log.h"
#include "runtime/global_store_view.h"
#include "runtime/node_runtime.h"
#include "runtime/task_metrics.h"
#include "source/partition_group.h"
#include "store/store_environment.h"
#include "store/task_stores.h"

namespace millrace {

// What the global stores of an engine share. Everything is borrowed and must outlive them.
struct GlobalEnvironment {
  const detail::TopologyData* data = nullptr;
  std::string application;
  std::string state_directory;  // of the application
  Log* log = nullptr;
  LogReader* reader = nullptr;
  StoreEnvironment* stores = nullptr;
  const Clock* clock = nullptr;
  TaskMetrics* metrics = nullptr;
  size_t fetch_bytes = 1 << 20;
};

class GlobalTask : public TaskServices {
 public:
  GlobalTask(int32_t subtopology, const GlobalEnvironment* env);

  // Opens the store and notes where the topic ends now. State that is damaged, or does not lie
  // within its topic any more, is moved aside and read again.
  absl::Status Open();
  // Takes what the log has, up to `max_records`, and says how many records that were.
  absl::StatusOr<int> Step(int max_records);
  // Whether everything that was in the topic when it was opened has been taken. Any thread.
  bool ready() const { return ready_.load(std::memory_order_acquire); }
  // Whether everything that is in the topic now has been taken. Any thread.
  absl::StatusOr<bool> CaughtUp();
  // Not OK once a read of the store has failed: what was read since is wrong. Any thread.
  absl::Status health();
  absl::Status Flush();

  const std::string& store() const { return name_; }
  // A reader for one task. The task's thread uses it.
  std::unique_ptr<GlobalStoreView> NewView();
  CommittedView* committed() { return stores_->committed(); }

  // TaskServices.
  detail::ErasedStore* FindStore(std::string_view name) override { return stores_->Find(name); }
  std::shared_ptr<detail::PunctuationHandle> Schedule(
      int node, Duration interval, PunctuationType type, std::optional<Timestamp> start,
      std::function<void(Timestamp)> callback) override;
  Timestamp StreamTime() const override { return group_->stream_time(); }
  Timestamp WallClock() const override { return env_->clock->Now(); }
  const TaskId& id() const override { return id_; }
  const std::string& application_id() const override { return env_->application; }
  MetricsRegistry* metrics() override { return env_->metrics->registry; }
  int32_t TaskCount() const override { return 1; }
  const RecordMetadata* metadata() const override { return &metadata_; }
  Timestamp* DurableTime(std::string_view name) override;
  void CountDropped(detail::Drop reason) override {
    env_->metrics->dropped[static_cast<size_t>(reason)]->Add();
  }
  void RequestCommit() override {}
  const detail::HeldRecord* SetHeldRecord(const detail::HeldRecord*) override { return nullptr; }
  void ReportPoison(const NodeRuntime& node, PoisonClass poison, std::string_view error) override;

 private:
  std::string Directory() const;
  absl::Status TryOpen();
  void BuildNodes();
  absl::Status OpenInput(const detail::NodeSpec& source, const TopicPartition& partition,
                         const PartitionDescription& bounds);
  absl::StatusOr<int> Process(int max_records);
  void ProcessHead(const RecordQueue& queue);
  void HandlePoison(std::string_view step, std::string_view error);
  absl::Status Apply();
  // Whether every input has been taken up to there. Under the lock.
  bool HasReached(const std::vector<Offset>& ends) const;

  const TaskId id_;
  const GlobalEnvironment* const env_;
  const detail::SubtopologySpec& spec_;
  const std::string name_;
  absl::Mutex mutex_;  // of the stores, and of the positions in the group
  std::unique_ptr<TaskStores> stores_;
  std::vector<std::unique_ptr<NodeRuntime>> nodes_;
  NodeRuntime* entry_ = nullptr;
  std::unique_ptr<PartitionGroup> group_;
  std::vector<Offset> applied_;  // positions in the files
  std::vector<Offset> ends_;     // of the topic at the start
  std::atomic<bool> ready_{false};
  RecordMetadata metadata_;
  absl::Status status_;  // a poison record under Stop()
};

}  // namespace millrace
