// Committer: the only code that says "done". One commit ends the transaction of a worker thread for
// all of its tasks: outputs, changelog records and consumed offsets become visible in the log
// together; then each task's rows and changelog positions go to its store in one batch.
//
// What is durable when Commit() returns:
//   OK     all of it, in the log; the stores may still be behind on disk (restore reads the tail).
//   error  see LogProducer::Commit. Whatever it was, the tasks' buffers hold changes that the
//          caller must discard (nothing was committed) or restore from the changelog (unknown).
// ResourceExhausted is the exception: nothing was written and the same Commit() may be repeated.
// Thread: the worker's.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "commit/crash_points.h"
#include "millrace/log.h"
#include "store/task_stores.h"

namespace millrace {

// What one task adds to a commit.
struct CommitPart {
  TaskStores* stores = nullptr;  // null: a task without state
  PartitionId partition;         // of its changelogs
  // The changelog topic of each store that has one.
  const absl::flat_hash_map<std::string, std::string>* changelogs = nullptr;
  // Where stores stand whose changelog is a topic that the task consumes.
  std::vector<ChangelogPosition> sources = {};
};

class Committer {
 public:
  Committer(std::string group, CrashHook crash)
      : group_(std::move(group)), crash_(std::move(crash)) {}

  // From now on commits go to this producer. Topics are opened again.
  void Bind(LogProducer* producer);

  // Commits the open transaction, as `member` of the group (log.h). Internal: a store is sick,
  // named in the message.
  absl::Status Commit(std::span<const CommitPart> parts, const GroupOffsets& consumed,
                      const std::string& member = {});

 private:
  absl::Status AddChangelog(const CommitPart& part);
  absl::StatusOr<TopicHandle> Open(const std::string& topic);
  absl::Status ApplyToStores(std::span<const CommitPart> parts,
                             std::span<const ProducedRange> ranges);
  void Reached(CrashPoint point) const {
    if (crash_) crash_(point);
  }

  const std::string group_;
  const CrashHook crash_;
  LogProducer* producer_ = nullptr;
  absl::flat_hash_map<std::string, TopicHandle> handles_;
  // The changelog of the transaction is already with the producer: a repeated commit after
  // ResourceExhausted must not add it twice.
  bool changelog_added_ = false;
};

}  // namespace millrace
