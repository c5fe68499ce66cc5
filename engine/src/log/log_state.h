// LogState: everything that the local log keeps in memory: topics, groups, producers' epochs, and
// the cache of newest batches. Which mutex guards what: see partition_log.h.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "log/log_db.h"
#include "log/partition_log.h"
#include "log/topic_format.h"
#include "millrace/log.h"

namespace millrace {

struct TopicState {
  std::string name;
  TopicRecord record;
  std::vector<std::shared_ptr<PartitionLog>> partitions;
};

// Which batches stay in memory: the newest ones of the whole log, first in, first out.
class TailCache {
 public:
  explicit TailCache(size_t max_bytes) : max_bytes_(max_bytes) {}

  // Both mutexes. What had to give way goes to *dropped, to be freed without the mutexes.
  void Add(const std::shared_ptr<PartitionLog>& partition, SharedBatch batch,
           std::vector<SharedBatch>* dropped);

 private:
  const size_t max_bytes_;
  size_t bytes_ = 0;
  std::deque<std::shared_ptr<PartitionLog>> order_;  // whose oldest batch goes next
};

struct LogState {
  explicit LogState(size_t tail_cache_bytes) : tails(tail_cache_bytes) {}

  absl::StatusOr<TopicState*> FindTopic(const std::string& name) const;
  absl::StatusOr<std::shared_ptr<PartitionLog>> FindPartition(const TopicPartition& name) const;
  // Adds partitions to the topic until it has as many as its configuration says.
  void FillPartitions(TopicState* topic) const;

  mutable std::mutex mutex;  // the state mutex
  std::map<std::string, std::unique_ptr<TopicState>> topics;
  std::map<std::string, GroupOffsets> groups;
  std::map<std::string, int64_t> epochs;  // by transactional id
  TailCache tails;
  uint32_t next_topic_id = 1;
};

// Fills `state` from the database. DataLoss: metadata or an end of a partition is damaged.
// `directory` is for messages.
absl::Status Recover(const std::string& directory, LogDb* db, LogState* state);

}  // namespace millrace
