// NodeRuntime: one node of a running task, the context that its processor sees, and the boundary
// that turns an exception of user code into a poison report. Thread: the task's.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "millrace/detail/erased_processor.h"
#include "millrace/detail/topology_data.h"

namespace millrace {

class NodeRuntime;

// What the nodes of a task share; implemented by Task.
class TaskServices {
 public:
  virtual ~TaskServices() = default;
  virtual detail::ErasedStore* FindStore(std::string_view name) = 0;
  virtual std::shared_ptr<detail::PunctuationHandle> Schedule(
      int node, Duration interval, PunctuationType type, std::optional<Timestamp> start,
      std::function<void(Timestamp)> callback) = 0;
  virtual Timestamp StreamTime() const = 0;
  virtual Timestamp WallClock() const = 0;
  virtual const TaskId& id() const = 0;
  virtual const std::string& application_id() const = 0;
  virtual MetricsRegistry* metrics() = 0;
  virtual int32_t TaskCount() const = 0;
  virtual const RecordMetadata* metadata() const = 0;
  virtual Timestamp* DurableTime(std::string_view name) = 0;
  virtual void CountDropped(detail::Drop reason) = 0;
  virtual void RequestCommit() = 0;
  // Until the next call, what is reported is about that record; null: the one that is processed.
  // Returns what was set before.
  virtual const detail::HeldRecord* SetHeldRecord(const detail::HeldRecord* held) = 0;
  // User code of `node` threw while it worked on the current record (or punctuation).
  virtual void ReportPoison(const NodeRuntime& node, PoisonClass poison,
                            std::string_view error) = 0;
};

class NodeRuntime : public detail::ErasedContext {
 public:
  // `spec` and `task` must outlive the node. `index` is its place in the task. Sources have no
  // processor: their records are forwarded by the task.
  NodeRuntime(int index, const detail::NodeSpec* spec, TaskServices* task,
              std::unique_ptr<detail::ErasedProcessor> processor);

  void AddChild(NodeRuntime* child) {
    (child->spec_->by_name_only ? side_children_ : children_).push_back(child);
  }
  const detail::NodeSpec& spec() const { return *spec_; }

  // An exception leaves it: it stops the task.
  void Init() {
    if (processor_ != nullptr) processor_->Init(this);
  }
  void Close() {
    if (processor_ != nullptr) processor_->Close();
  }
  // Processes the record here and below. Never throws.
  void Run(const detail::ErasedRecord& record);
  void RunPunctuation(const std::function<void(Timestamp)>& callback, Timestamp now);
  void OnCommit();
  bool OnIdle(Timestamp stream_time);

  void Forward(const detail::ErasedRecord& record) override {
    for (NodeRuntime* child : children_) child->Run(record);
  }
  void ForwardTo(std::string_view child, const detail::ErasedRecord& record) override;
  detail::ErasedStore* GetStore(std::string_view name) override;
  std::shared_ptr<detail::PunctuationHandle> Schedule(
      Duration interval, PunctuationType type, std::optional<Timestamp> start,
      std::function<void(Timestamp)> callback) override;
  Timestamp StreamTime() const override { return task_->StreamTime(); }
  Timestamp WallClock() const override { return task_->WallClock(); }
  const TaskId& task() const override { return task_->id(); }
  const std::string& application_id() const override { return task_->application_id(); }
  MetricsRegistry* metrics() override { return task_->metrics(); }
  int32_t TaskCount() const override { return task_->TaskCount(); }
  const RecordMetadata* metadata() const override { return task_->metadata(); }
  Timestamp* DurableTime() override { return task_->DurableTime(spec_->name); }
  void CountDropped(detail::Drop reason) override { task_->CountDropped(reason); }
  void RequestCommit() override { task_->RequestCommit(); }
  void RunFor(const detail::HeldRecord& held, absl::FunctionRef<void()> body) override;

 private:
  template <class F>
  void Guarded(F&& body);

  const int index_;
  const detail::NodeSpec* const spec_;
  TaskServices* const task_;
  std::unique_ptr<detail::ErasedProcessor> processor_;
  std::vector<NodeRuntime*> children_;
  std::vector<NodeRuntime*> side_children_;  // only ForwardTo() reaches them
};

}  // namespace millrace
