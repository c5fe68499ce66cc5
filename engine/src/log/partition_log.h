// PartitionLog: what the process knows about one partition: its ends, its newest batches, and who
// waits for more.
//
// Two mutexes rule the local log. The commit mutex (CommitQueue) is held by whoever writes; the
// state mutex (LogState) for the moment in which a write becomes visible. State is changed under
// both and may be read under either; begin, end and deleted may be read without any.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "log/batch_format.h"
#include "log/reader_signal.h"
#include "log/topic_format.h"
#include "millrace/ids.h"

namespace millrace {

struct CachedBatch {
  BatchHeader header;
  ByteBuffer bytes;
  // Memory that it takes, as far as the tail cache counts.
  size_t footprint() const { return bytes.capacity() + sizeof(CachedBatch) + 32; }
};
using SharedBatch = std::shared_ptr<const CachedBatch>;

class PartitionLog {
 public:
  // Where the next batch goes.
  struct Head {
    Offset end;
    int64_t position = 0;
  };

  PartitionLog(const PartitionKey& key, TopicPartition name) : key_(key), name_(std::move(name)) {}

  const PartitionKey& key() const { return key_; }
  const TopicPartition& name() const { return name_; }

  // Any thread.
  Offset begin() const { return Offset(begin_.load(std::memory_order_acquire)); }
  Offset end() const { return Offset(end_.load(std::memory_order_acquire)); }
  bool deleted() const { return deleted_.load(std::memory_order_acquire); }

  // Either mutex.
  const PartitionRecord& record() const { return record_; }
  const Head& head() const { return head_; }
  int64_t first_position() const { return first_position_; }
  int64_t bytes() const;
  // Batches in memory that cover `from` and what follows, about `max_bytes` of them. None when
  // `from` is no longer in memory.
  std::vector<SharedBatch> Tail(Offset from, size_t max_bytes) const;

  // Both mutexes. `first_position` is the position of the batch that covers the begin.
  void SetRecord(const PartitionRecord& record, int64_t first_position);
  void SetHead(const Head& head);
  void Cache(SharedBatch batch) { tail_.push_back(std::move(batch)); }
  SharedBatch DropOldest();
  void MarkDeleted() { deleted_.store(true, std::memory_order_release); }

  // The state mutex.
  void Watch(std::shared_ptr<ReaderSignal> signal) { watchers_.push_back(std::move(signal)); }
  void Unwatch(const ReaderSignal* signal);
  const std::vector<std::shared_ptr<ReaderSignal>>& watchers() const { return watchers_; }

  // The commit mutex: a place for a batch that is not yet written. Dropped or made the head.
  Head& Staged();
  bool has_staged() const { return staged_.has_value(); }
  void DropStaged() { staged_.reset(); }

 private:
  const PartitionKey key_;
  const TopicPartition name_;
  std::atomic<int64_t> begin_{0};
  std::atomic<int64_t> end_{0};
  std::atomic<bool> deleted_{false};
  PartitionRecord record_;
  int64_t first_position_ = 0;
  Head head_;
  std::optional<Head> staged_;
  std::deque<SharedBatch> tail_;  // contiguous, up to the end
  std::vector<std::shared_ptr<ReaderSignal>> watchers_;
};

}  // namespace millrace
