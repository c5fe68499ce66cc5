// LocalProducer: packs the records of the open transaction into batches, one lane per partition,
// and hands them to the commit queue. No allocation per record.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "log/commit_queue.h"
#include "log/log_state.h"
#include "millrace/log.h"

namespace millrace {

class LocalProducer : public LogProducer {
 public:
  // `queue` and `state` must outlive the producer.
  LocalProducer(std::string transactional_id, int64_t epoch, CommitQueue* queue, LogState* state);

  absl::StatusOr<TopicHandle> OpenTopic(const std::string& topic) override;
  absl::Status Produce(TopicHandle topic, PartitionId partition,
                       const OutgoingRecord& record) override;
  size_t PendingBytes() const override { return transaction_.bytes; }
  absl::StatusOr<std::vector<ProducedRange>> Commit(const CommitRequest& request) override;
  absl::Status Abort() override;

 private:
  void Clear();

  CommitQueue* const queue_;
  LogState* const state_;
  Transaction transaction_;
  struct OpenedTopic {
    uint32_t id = 0;         // of the topic, not of the handle
    std::deque<Lane> lanes;  // by partition; the transaction points to them
  };
  // By TopicHandle::id. One for each topic, so that the order within a partition is kept no
  // matter how often it was opened.
  std::deque<OpenedTopic> topics_;
};

}  // namespace millrace
