#include "log/partition_log.h"

#include <algorithm>

namespace millrace {

int64_t PartitionLog::bytes() const {
  if (record_.begin >= head_.end) return 0;
  if (record_.begin >= record_.clean_end) return head_.position - first_position_;
  return record_.clean_bytes + head_.position - record_.clean_position;
}

std::vector<SharedBatch> PartitionLog::Tail(Offset from, size_t max_bytes) const {
  std::vector<SharedBatch> batches;
  if (tail_.empty() || from < tail_.front()->header.base) return batches;
  auto it = std::upper_bound(
      tail_.begin(), tail_.end(), from,
      [](Offset offset, const SharedBatch& batch) { return offset < batch->header.base; });
  size_t bytes = 0;
  for (--it; it != tail_.end() && bytes < max_bytes; ++it) {
    batches.push_back(*it);
    bytes += (*it)->bytes.size();
  }
  return batches;
}

void PartitionLog::SetRecord(const PartitionRecord& record, int64_t first_position) {
  record_ = record;
  first_position_ = first_position;
  begin_.store(record.begin.value(), std::memory_order_release);
}

void PartitionLog::SetHead(const Head& head) {
  head_ = head;
  end_.store(head.end.value(), std::memory_order_release);
}

SharedBatch PartitionLog::DropOldest() {
  SharedBatch batch = std::move(tail_.front());
  tail_.pop_front();
  return batch;
}

void PartitionLog::Unwatch(const ReaderSignal* signal) {
  std::erase_if(watchers_, [&](const auto& watcher) { return watcher.get() == signal; });
}

PartitionLog::Head& PartitionLog::Staged() {
  if (!staged_.has_value()) staged_ = head_;
  return *staged_;
}

}  // namespace millrace
