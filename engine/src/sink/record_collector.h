// RecordCollector: the way of a worker thread's records into the log's open transaction.
//
// Topics are resolved to slots once; a slot survives a change of producer. Errors are sticky until
// the next Bind(): a sink cannot return them, so the worker looks here before it commits.
// Thread: the worker's. Nothing is durable before the transaction is committed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "millrace/log.h"
#include "millrace/metrics.h"

namespace millrace {

class RecordCollector {
 public:
  using Slot = int;

  // `produced` counts records.
  explicit RecordCollector(Counter* produced) : produced_(produced) {}

  // From now on records go to this producer (null: none). Forgets errors and handles.
  void Bind(LogProducer* producer);

  // The slot of a topic; the topic is looked up when the first record goes there.
  Slot Resolve(const std::string& topic);

  // The partitions of the slot's topic; 0 after an error.
  int32_t Partitions(Slot slot);
  void Send(Slot slot, PartitionId partition, const OutgoingRecord& record);

  size_t pending_bytes() const { return producer_ == nullptr ? 0 : producer_->PendingBytes(); }
  const absl::Status& status() const { return status_; }

 private:
  struct Target {
    std::string topic;
    TopicHandle handle;  // id < 0: not opened yet
  };
  bool Open(Target* target);

  Counter* const produced_;
  LogProducer* producer_ = nullptr;
  std::vector<Target> targets_;
  absl::flat_hash_map<std::string, Slot> slots_;
  absl::Status status_;
};

}  // namespace millrace
