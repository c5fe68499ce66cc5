// PartitionGroup: the input partitions of a task, and the choice of the next record among them:
// the one with the smallest event time (Kafka Streams' rule). Thread: the task's.
#pragma once

#include <algorithm>
#include <memory>
#include <vector>

#include "source/record_queue.h"

namespace millrace {

class PartitionGroup {
 public:
  struct Options {
    // How long to wait for an empty partition while others have records. Zero: only until it is
    // known whether the log has something for it. Negative: do not even look.
    Duration max_idle{0};
    size_t fetch_bytes = 1 << 20;
    // Of records of outside topics; see FutureLimit.
    std::optional<Duration> max_skew;
  };

  // `reader` must outlive the group and have the queues' partitions assigned.
  PartitionGroup(LogReader* reader, const Options& options);

  void Add(std::unique_ptr<RecordQueue> queue);

  // Fetches for every empty queue. Returns whether any queue has a record.
  absl::StatusOr<bool> Refill();

  // The queue whose head is next; null if there is none, or if the group still waits for an empty
  // partition. Advances the stream time to the head's. `now` is monotonic.
  RecordQueue* Next(std::chrono::nanoseconds now);
  // Takes the head off, and fetches at once if the queue is empty then.
  absl::Status Pop(RecordQueue* queue);

  // The highest event time that Next() has returned, or AdvanceTime() was told.
  Timestamp stream_time() const { return stream_time_; }
  void AdvanceTime(Timestamp time) { stream_time_ = std::max(stream_time_, time); }
  // The event time of the head that would be next, ignoring idling; max() if there is none.
  Timestamp next_timestamp() const;
  const std::vector<std::unique_ptr<RecordQueue>>& queues() const { return queues_; }

 private:
  absl::Status FetchInto(RecordQueue* queue);
  RecordQueue* Earliest() const;
  RecordQueue* Take(RecordQueue* queue);

  LogReader* const reader_;
  const Options options_;
  std::vector<std::unique_ptr<RecordQueue>> queues_;
  size_t last_taken_ = 0;
  Timestamp stream_time_ = kNoTimestamp;
  std::chrono::nanoseconds idle_since_{-1};
};

}  // namespace millrace
