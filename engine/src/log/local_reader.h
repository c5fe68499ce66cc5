// LocalReader: reads partitions from the batches in memory where they reach back far enough, else
// from disk through a checked walk.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "log/commit_queue.h"
#include "log/log_state.h"
#include "log/partition_walk.h"
#include "log/reader_signal.h"
#include "millrace/log.h"

namespace millrace {

class LocalReader : public LogReader {
 public:
  // All arguments must outlive the reader.
  LocalReader(const std::string& directory, LogDb* db, CommitQueue* queue, LogState* state);
  ~LocalReader() override;

  absl::Status Assign(const TopicPartition& partition, Offset start) override;
  void Unassign(const TopicPartition& partition) override;
  absl::StatusOr<RecordBatch> Fetch(const TopicPartition& partition, size_t max_bytes) override;
  void Wait(Duration timeout) override { signal_->Wait(timeout); }
  void Wake() override { signal_->Notify(); }

 private:
  struct Assignment {
    std::shared_ptr<PartitionLog> log;
    Offset position;
    std::vector<SharedBatch> ahead;  // batches in memory, the next one last
    SharedBatch current;             // being decoded
    BatchDecoder decoder;
    std::unique_ptr<PartitionWalk> walk;  // where the last batch from disk came from
    absl::Status damage;                  // sticks
  };

  absl::Status CheckReadable(const Assignment& assignment) const;
  absl::Status NextBatch(Assignment* assignment, size_t max_bytes);
  absl::StatusOr<SharedBatch> ReadFromDisk(Assignment* assignment);
  static absl::Status Decode(Assignment* assignment, size_t max_bytes, size_t* bytes,
                             RecordBatch* out);

  const std::string& directory_;
  LogDb* const db_;
  CommitQueue* const queue_;
  LogState* const state_;
  const std::shared_ptr<ReaderSignal> signal_ = std::make_shared<ReaderSignal>();
  std::map<TopicPartition, Assignment> assignments_;
};

}  // namespace millrace
