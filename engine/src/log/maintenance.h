// Maintenance: applies retention and compaction to all partitions, on a thread of its own or when
// it is told to.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "log/commit_queue.h"
#include "log/log_db.h"
#include "log/log_state.h"
#include "millrace/local_log.h"

namespace millrace {

// Thread-safe.
class Maintenance {
 public:
  // All arguments must outlive the object. Starts the thread unless the interval is zero.
  Maintenance(const std::string& directory, const LocalLogOptions& options, LogDb* db,
              CommitQueue* queue, LogState* state);
  // Ends a run that is under way at its next write.
  ~Maintenance();

  // One pass over all partitions. Goes on behind a partition that cannot be maintained, and
  // returns the first error.
  absl::Status Run();

 private:
  struct Job {
    std::shared_ptr<PartitionLog> partition;
    TopicConfig config;
    int64_t bytes = 0;
    std::optional<Offset> consumed;
  };

  void Loop();
  std::vector<Job> Jobs() const;
  absl::Status Trim(const std::vector<Job>& jobs);
  absl::StatusOr<Offset> TrimOffset(const Job& job) const;
  absl::Status Compact(const Job& job);
  Offset CleanEnd(const PartitionLog& partition) const;

  const std::string& directory_;
  const LocalLogOptions options_;
  LogDb* const db_;
  CommitQueue* const queue_;
  LogState* const state_;

  std::mutex run_mutex_;  // one pass at a time
  std::mutex stop_mutex_;
  std::condition_variable stop_changed_;
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace millrace
