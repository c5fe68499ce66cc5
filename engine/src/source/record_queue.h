// RecordQueue: the fetched records of one input partition of a task, decoded one at a time.
//
// Only the head is decoded, into objects that are reused, just before it may be chosen. A record
// that does not decode, or on which the timestamp extractor throws, keeps its place as a poison
// head. One with an event time too far in the future is poison, too; a negative one is treated as
// its source says. Thread: the task's.
#pragma once

#include <string>

#include "millrace/detail/topology_data.h"
#include "millrace/log.h"
#include "millrace/metrics.h"
#include "source/future_limit.h"

namespace millrace {

class RecordQueue {
 public:
  // `source` and `clock` must outlive the queue. `dropped` counts negative event times.
  RecordQueue(TopicPartition partition, const detail::NodeSpec* source, Offset start,
              Timestamp partition_time, Counter* dropped, const Clock* clock,
              FutureLimit future = {});

  // REQUIRES: empty().
  void Add(RecordBatch batch);

  bool empty() const { return !has_head_; }
  // Whether the log had nothing more when it was asked last.
  bool at_end() const { return at_end_; }

  // The head. REQUIRES: !empty(). Valid until Pop().
  const detail::ErasedRecord& record() const { return record_; }
  const RecordView& raw() const { return batch_.records[index_]; }
  // Not OK: the head is poison, and record() holds only its timestamp.
  const absl::Status& error() const { return error_; }
  Timestamp head_timestamp() const { return record_.timestamp; }

  // The next record becomes the head.
  void Pop();

  // The first offset that is not done: what a commit stores.
  Offset position() const { return has_head_ ? raw().offset : next_offset_; }
  // The highest event time that was popped.
  Timestamp partition_time() const { return partition_time_; }
  const TopicPartition& partition() const { return partition_; }
  const detail::NodeSpec& source() const { return *source_; }

 private:
  void FindHead();
  absl::Status Decode(const RecordView& raw);
  absl::Status ExtractTimestamp();
  // Poison, or a time that replaces an invalid one.
  absl::Status CheckTimestamp();

  const TopicPartition partition_;
  const detail::NodeSpec* const source_;
  Counter* const dropped_;
  const Clock* const clock_;
  FutureLimit future_;
  Timestamp partition_time_;
  RecordBatch batch_;
  size_t index_ = 0;
  Offset next_offset_;
  bool has_head_ = false;
  bool at_end_ = false;
  detail::ErasedValue key_;
  detail::ErasedValue value_;
  Headers headers_;
  detail::ErasedRecord record_;
  absl::Status error_;
};

}  // namespace millrace
