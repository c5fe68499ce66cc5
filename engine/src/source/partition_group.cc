#include "source/partition_group.h"

#include <algorithm>
#include <utility>

#include "millrace/status.h"

namespace millrace {

PartitionGroup::PartitionGroup(LogReader* reader, const Options& options)
    : reader_(reader), options_(options) {}

void PartitionGroup::Add(std::unique_ptr<RecordQueue> queue) {
  stream_time_ = std::max(stream_time_, queue->partition_time());
  queues_.push_back(std::move(queue));
}

absl::Status PartitionGroup::FetchInto(RecordQueue* queue) {
  MR_ASSIGN_OR_RETURN(RecordBatch batch, reader_->Fetch(queue->partition(), options_.fetch_bytes));
  queue->Add(std::move(batch));
  return absl::OkStatus();
}

absl::StatusOr<bool> PartitionGroup::Refill() {
  bool any = false;
  for (const auto& queue : queues_) {
    if (queue->empty()) MR_RETURN_IF_ERROR(FetchInto(queue.get()));
    any |= !queue->empty();
  }
  return any;
}

RecordQueue* PartitionGroup::Earliest() const {
  // Among equal times the queues take turns, starting behind the one that was taken last.
  RecordQueue* earliest = nullptr;
  for (size_t i = 1; i <= queues_.size(); ++i) {
    RecordQueue* queue = queues_[(last_taken_ + i) % queues_.size()].get();
    if (queue->empty()) continue;
    if (earliest == nullptr || queue->head_timestamp() < earliest->head_timestamp()) {
      earliest = queue;
    }
  }
  return earliest;
}

Timestamp PartitionGroup::next_timestamp() const {
  const RecordQueue* earliest = Earliest();
  return earliest == nullptr ? Timestamp::max() : earliest->head_timestamp();
}

RecordQueue* PartitionGroup::Next(std::chrono::nanoseconds now) {
  RecordQueue* earliest = Earliest();
  if (earliest == nullptr || options_.max_idle < Duration(0)) return Take(earliest);
  bool complete = true;
  for (const auto& queue : queues_) {
    if (!queue->empty()) continue;
    // What the log has for it may come first.
    if (!queue->at_end()) return nullptr;
    complete = false;
  }
  if (complete || options_.max_idle == Duration(0)) {
    idle_since_ = std::chrono::nanoseconds(-1);
    return Take(earliest);
  }
  if (idle_since_ < std::chrono::nanoseconds(0)) idle_since_ = now;
  return now - idle_since_ >= options_.max_idle ? Take(earliest) : nullptr;
}

RecordQueue* PartitionGroup::Take(RecordQueue* queue) {
  if (queue != nullptr && queue->error().ok()) {
    stream_time_ = std::max(stream_time_, queue->head_timestamp());
  }
  return queue;
}

absl::Status PartitionGroup::Pop(RecordQueue* queue) {
  for (size_t i = 0; i < queues_.size(); ++i) {
    if (queues_[i].get() == queue) last_taken_ = i;
  }
  queue->Pop();
  if (!queue->empty() || options_.max_idle < Duration(0)) return absl::OkStatus();
  return FetchInto(queue);
}

}  // namespace millrace
