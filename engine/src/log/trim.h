// Deleting the oldest records of a partition.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "log/commit_queue.h"
#include "log/log_db.h"
#include "log/partition_log.h"

namespace millrace {

// Moves the begin of the partition up to `offset` (at most to its end) and deletes the batches
// that lie before it as a whole. Never moves it back. NotFound: the topic was deleted.
absl::Status TrimPartition(const std::string& directory, LogDb* db, CommitQueue* queue,
                           PartitionLog* partition, Offset offset);

}  // namespace millrace
