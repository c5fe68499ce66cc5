// Deleting the oldest records of partitions.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "log/commit_queue.h"
#include "log/log_db.h"
#include "log/partition_log.h"

namespace millrace {

struct TrimRequest {
  std::shared_ptr<PartitionLog> partition;
  Offset before;
};

// Moves the begin of each partition up to `before` (at most to its end) and deletes the batches
// that lie before it as a whole, all in one write. Never moves a begin back. Partitions that were
// deleted meanwhile are left out.
absl::Status TrimPartitions(const std::string& directory, LogDb* db, CommitQueue* queue,
                            const std::vector<TrimRequest>& requests);

}  // namespace millrace
