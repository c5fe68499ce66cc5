// TopicAdmin: creates, changes, deletes and describes topics and groups of a local log.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "log/commit_queue.h"
#include "log/log_db.h"
#include "log/log_state.h"
#include "millrace/log.h"

namespace millrace {

// Thread-safe. The calls are those of Log.
class TopicAdmin {
 public:
  // All arguments must outlive the object.
  TopicAdmin(const std::string& directory, LogDb* db, CommitQueue* queue, LogState* state)
      : directory_(directory), db_(db), queue_(queue), state_(state) {}

  absl::Status CreateTopic(const std::string& name, const TopicConfig& config);
  absl::Status AddPartitions(const std::string& name, int32_t new_count);
  absl::Status SetRetention(const std::string& name, std::optional<Duration> retention);
  absl::Status DeleteTopic(const std::string& name);
  absl::StatusOr<TopicDescription> DescribeTopic(const std::string& name) const;
  std::vector<std::string> ListTopics() const;
  absl::StatusOr<Offset> OffsetForTime(const TopicPartition& partition, Timestamp time) const;
  absl::Status DeleteRecordsBefore(const TopicPartition& partition, Offset offset);

  absl::StatusOr<GroupOffsets> CommittedOffsets(const std::string& group) const;
  absl::StatusOr<std::vector<std::string>> ListGroups() const;
  absl::Status ResetOffsets(const std::string& group, const GroupOffsets& offsets);

 private:
  absl::StatusOr<Offset> FirstAtOrAfter(const PartitionLog& partition, Offset begin,
                                        Timestamp time) const;
  absl::StatusOr<std::shared_ptr<PartitionLog>> Find(const TopicPartition& partition) const;

  const std::string& directory_;
  LogDb* const db_;
  CommitQueue* const queue_;
  LogState* const state_;
};

}  // namespace millrace
