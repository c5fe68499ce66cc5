// CommitQueue: the only way into the local log's database.
//
// Transactions that wait at the same time are written together: the first of them becomes the
// leader, gives all of them their offsets, writes one batch to the database, syncs once, notes the
// new commit sequence in the ACKED file, and makes the whole group visible in one moment.
//
//   waiting -> (leader takes the group) -> written and synced -> ACKED -> visible -> returned
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "log/acked_file.h"
#include "log/batch_format.h"
#include "log/log_db.h"
#include "log/log_state.h"
#include "millrace/log.h"

namespace millrace {

// The records of a transaction for one partition, packed.
struct Lane {
  std::shared_ptr<PartitionLog> partition;
  std::vector<BatchBuilder> batches;
};

struct Transaction {
  std::string transactional_id;  // empty: never fenced
  int64_t epoch = 0;
  std::vector<Lane*> lanes;  // those with records; emptied by a commit that succeeds
  size_t bytes = 0;
};

// Thread-safe.
class CommitQueue {
 public:
  struct Options {
    std::string directory;  // for messages
    bool sync = true;
    uint64_t commit_sequence = 0;  // as recovered
  };
  // The others must outlive the queue.
  CommitQueue(const Options& options, LogDb* db, AckedFile* acked, LogState* state);

  // As LogProducer::Commit. Blocks.
  absl::StatusOr<std::vector<ProducedRange>> Commit(Transaction* transaction,
                                                    const CommitRequest& request);

  // A write beside the transactions: `fill` composes it under the commit mutex, and its error
  // ends the matter; `publish` makes it visible under both mutexes. Durable when it returns OK.
  absl::Status Write(absl::FunctionRef<absl::Status(LogWrite&)> fill,
                     absl::FunctionRef<void()> publish);

  // Runs `read` under the state mutex.
  void ReadState(absl::FunctionRef<void()> read) const;

  // A new epoch for the id. No commit of an older one is under way when it returns.
  absl::StatusOr<int64_t> NewEpoch(const std::string& transactional_id);

  // Returns when the write that is under way, if any, is visible or has failed.
  void Barrier() { std::lock_guard lock(commit_mutex_); }

  // Whether the partition was trimmed or deleted since its begin was `begin`. Tells damage from
  // batches that went away under a walk.
  bool BeginMoved(const PartitionLog& partition, Offset begin);

  // Not OK for good after a write failed for another reason than space: nobody knows then what
  // reached the disk, so what is in memory must not be relied on.
  absl::Status failure() const;

  // Makes everything durable at the end of the log's life.
  absl::Status Close();

 private:
  // A call of Commit() that waits.
  struct Waiter {
    Transaction* transaction;
    const CommitRequest* request;
    absl::Status status;
    std::vector<ProducedRange> ranges;
    std::vector<std::pair<std::shared_ptr<PartitionLog>, SharedBatch>> written;
    bool done = false;
    std::condition_variable turn;
  };
  using Group = std::vector<Waiter*>;

  Group TakeGroup();
  void CommitGroup(const Group& group);
  absl::Status Check(const Waiter& waiter) const;
  void Place(Waiter* waiter, LogWrite* write);
  void Publish(const Group& group);
  static void MoveToShared(Waiter* waiter);
  absl::Status Apply(LogWrite* write);
  absl::Status OnFailedWrite(const absl::Status& status);
  void Acknowledge();

  const Options options_;
  LogDb* const db_;
  AckedFile* const acked_;
  LogState* const state_;

  std::mutex queue_mutex_;  // guards the next two
  std::deque<Waiter*> queue_;
  bool leading_ = false;

  mutable std::mutex commit_mutex_;  // see partition_log.h; guards the rest
  uint64_t sequence_;
  std::vector<PartitionLog*> staged_;  // by the group that is being written
  bool ack_warned_ = false;
  absl::Status failure_;
};

}  // namespace millrace
