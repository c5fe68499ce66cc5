#include "runtime/source_replay.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/logging.h"
#include "millrace/status.h"
#include "runtime/node_runtime.h"
#include "source/record_queue.h"

namespace millrace {
namespace {

using detail::NodeSpec;

constexpr size_t kFetchBytes = 1 << 20;
constexpr size_t kDirtyBytesMax = 4 << 20;

class NoPunctuation : public detail::PunctuationHandle {
 public:
  void Cancel() override {}
};

// One store: its step, as it sees the task's past.
class Replay : public TaskServices {
 public:
  Replay(const ReplayRequest& request, const NodeSpec& step)
      : request_(request), step_(step), source_(request.data->node(step.parents.front())) {}

  absl::Status Run() {
    metadata_.partition = {source_.topics.front().name, request_.task.partition};
    MR_ASSIGN_OR_RETURN(const std::vector<PartitionDescription> partitions,
                        request_.log->DescribePartitions(metadata_.partition.topic));
    const auto index = static_cast<size_t>(request_.task.partition.value());
    // A narrower topic of a sub-topology has no partition for the later tasks.
    if (index >= partitions.size()) return absl::OkStatus();
    const Offset begin = partitions[index].begin;
    const auto committed = request_.committed->find(metadata_.partition);
    // What retention has deleted before it was consumed is gone for the task, too.
    const Offset end =
        committed == request_.committed->end() ? begin : std::max(begin, committed->second.next);
    const Offset start = request_.stores->position(step_.refills).value_or(begin);
    if (start < begin || start > end) {
      return absl::OutOfRangeError(
          absl::StrCat("store '", step_.refills, "' stands at ", start.value(), " of ",
                       metadata_.partition.ToString(), ", of which ", begin.value(), " to ",
                       end.value(), " are there and consumed"));
    }
    return start == end ? absl::OkStatus() : RunFrom(start, end);
  }

  // TaskServices.
  detail::ErasedStore* FindStore(std::string_view name) override {
    return request_.stores->Find(name);
  }
  std::shared_ptr<detail::PunctuationHandle> Schedule(int, Duration, PunctuationType,
                                                      std::optional<Timestamp>,
                                                      std::function<void(Timestamp)>) override {
    return std::make_shared<NoPunctuation>();
  }
  Timestamp StreamTime() const override { return stream_time_; }
  Timestamp WallClock() const override { return request_.clock->Now(); }
  const TaskId& id() const override { return request_.task; }
  const std::string& application_id() const override { return request_.application; }
  MetricsRegistry* metrics() override { return request_.metrics->registry; }
  int32_t TaskCount() const override { return 1; }
  const RecordMetadata* metadata() const override { return &metadata_; }
  Timestamp* DurableTime(std::string_view) override { return &durable_time_; }
  void CountDropped(detail::Drop) override {}
  void RequestCommit() override {}
  const detail::HeldRecord* SetHeldRecord(const detail::HeldRecord*) override { return nullptr; }
  void ReportPoison(const NodeRuntime&, PoisonClass, std::string_view) override {}

 private:
  absl::Status RunFrom(Offset start, Offset end) {
    MR_ASSIGN_OR_RETURN(const std::unique_ptr<LogReader> reader, request_.log->NewReader());
    MR_RETURN_IF_ERROR(reader->Assign(metadata_.partition, start));
    Counter counted_already;
    RecordQueue queue(metadata_.partition, &source_, start, kNoTimestamp, &counted_already,
                      request_.clock, request_.future);
    NodeRuntime step(0, &step_, this, step_.factory());
    try {
      step.Init();
    } catch (const std::exception& error) {
      return absl::FailedPreconditionError(absl::StrCat("task ", request_.task.ToString(),
                                                        ": step '", step_.name,
                                                        "' failed to start: ", error.what()));
    }
    Offset next = start;
    while (next < end) {
      MR_ASSIGN_OR_RETURN(RecordBatch batch,
                          FetchOnward(reader.get(), metadata_.partition, next, kFetchBytes));
      queue.Add(std::move(batch));
      MR_RETURN_IF_ERROR(RunBatch(&step, &queue, end));
      next = queue.empty() ? queue.position() : end;
    }
    step.Close();
    LogInfo(absl::StrCat("store '", step_.refills, "': replayed offsets ", start.value(), " to ",
                         end.value(), " of ", metadata_.partition.ToString()));
    return request_.stores->Apply({{ChangelogPosition{step_.refills, end}}});
  }

  absl::Status RunBatch(NodeRuntime* step, RecordQueue* queue, Offset end) {
    for (; !queue->empty() && queue->raw().offset < end; queue->Pop()) {
      metadata_.offset = queue->raw().offset;
      if (queue->error().ok()) {
        stream_time_ = std::max(stream_time_, queue->head_timestamp());
        step->Run(queue->record());
      }
      request_.metrics->restored->Add();
      if (request_.stores->dirty_bytes() < kDirtyBytesMax) continue;
      MR_RETURN_IF_ERROR(
          request_.stores->Apply({{ChangelogPosition{step_.refills, metadata_.offset.Next()}}}));
    }
    return request_.stores->health();
  }

  const ReplayRequest& request_;
  const NodeSpec& step_;
  const NodeSpec& source_;
  RecordMetadata metadata_;
  Timestamp stream_time_ = kNoTimestamp;
  Timestamp durable_time_ = kNoTimestamp;
};

}  // namespace

absl::Status ReplaySources(const ReplayRequest& request) {
  for (const detail::NodeId id : request.subtopology->nodes) {
    const NodeSpec& step = request.data->node(id);
    if (!step.refills.empty()) MR_RETURN_IF_ERROR(Replay(request, step).Run());
  }
  return absl::OkStatus();
}

}  // namespace millrace
