// LocalLog: millrace's own durable log in a directory, on RocksDB. One process holds it at a time.
//
// What is durable when: Commit, CreateTopic, DeleteTopic, AddPartitions and ResetOffsets return
// after their write was synced to disk (`sync`), so they survive kill -9 and power loss. Concurrent
// commits of several producers share one sync. On open, a torn tail of the write-ahead log that was
// never acknowledged is dropped; damage anywhere else, or the loss of an acknowledged commit,
// is DataLoss with the file's name: the log refuses to serve rather than skip.
//
// In the directory: FORMAT, LOCK (the holder's pid), ACKED (decision 0005), db/ (RocksDB). What
// workers keep beside them (state/, control.sock) is theirs.
//
// A full device: commits with records are ResourceExhausted, with nothing written, while less space
// is left than two write buffers; they can be tried again. A write that fails for another reason
// stops the log: every later call is that error until the log is opened again, which brings back
// all that was acknowledged. Keys and values are at most 64 MiB each (InvalidArgument).
#pragma once

#include <memory>
#include <string>

#include "millrace/log.h"

namespace millrace {

struct LocalLogOptions {
  // Sync every group commit. Off only for benchmarks and scratch data: a power loss then loses
  // the newest commits (a killed process does not).
  bool sync = true;
  // The newest bytes of each partition are kept in memory for readers at the tail.
  size_t tail_cache_bytes = 64 << 20;   // whole log
  size_t block_cache_bytes = 32 << 20;  // for reads of older batches
  size_t write_buffer_bytes = 64 << 20;
  // How often retention and compaction look for work. Zero: only when RunMaintenance is called.
  Duration maintenance_interval = std::chrono::seconds(10);
  // A tombstone stays readable in a compacted topic for at least this long.
  Duration delete_retention = std::chrono::hours(24);
  // A partition of a compacted topic is compacted when this part of its bytes was written since
  // the last time...
  double min_dirty_ratio = 0.5;
  // ...and at least so many bytes.
  size_t min_compaction_bytes = 1 << 20;
  const Clock* clock = Clock::System();
};

class LocalLog : public Log {
 public:
  // Opens or creates the log in `directory`. FailedPrecondition: another process holds it (named by
  // its pid). DataLoss: damage, see above. InvalidArgument: the directory holds something else,
  // or a format of a newer version.
  static absl::StatusOr<std::unique_ptr<LocalLog>> Open(const std::string& directory,
                                                        const LocalLogOptions& options = {});
  virtual const std::string& directory() const = 0;
  // Applies retention and compaction now, in the caller's thread: all partitions, then the first
  // error if there was one. Retention goes by whole batches, from the front, and leaves records
  // without a timestamp alone; of `retention_bytes` at least that much stays. A record that a group
  // has yet to read is not spared. Compaction leaves the newest batch and records without key.
  virtual absl::Status RunMaintenance() = 0;
};

// The pid of the process that holds the log in `directory`; nullopt if none does.
absl::StatusOr<std::optional<int>> LocalLogHolder(const std::string& directory);

}  // namespace millrace
