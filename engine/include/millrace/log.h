// Log: partitioned topics with transactions. The one contract that every transport fulfils
// (MemoryLog, LocalLog, Kafka); nothing right of this layer knows which one it has.
//
// What is durable when: Produce only fills the open transaction. When Commit returns OK, all
// records and consumed offsets of the transaction are durable (LocalLog: synced to disk) and
// become visible together; after any other outcome none of them ever becomes visible, or, with
// Unavailable/Unknown, the caller must open a new producer and read CommittedOffsets again to learn
// which of the two happened. Readers see committed records only.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "millrace/ids.h"
#include "millrace/record.h"
#include "millrace/task_group.h"
#include "millrace/time.h"

namespace millrace {

enum class Cleanup { kDelete, kCompact, kCompactAndDelete };

struct TopicConfig {
  int32_t partitions = 1;
  Cleanup cleanup = Cleanup::kDelete;
  std::optional<Duration> retention;       // by record timestamp; nullopt = for ever
  std::optional<int64_t> retention_bytes;  // per partition; nullopt = no limit
  // Records that every committed group has passed may be deleted (repartition topics).
  bool purge_consumed = false;

  bool operator==(const TopicConfig&) const = default;
};

struct PartitionDescription {
  Offset begin;  // first offset that may still be read
  Offset end;    // offset that the next record will get
  int64_t bytes = 0;
};

struct TopicDescription {
  std::string name;
  TopicConfig config;
  std::vector<PartitionDescription> partitions;
};

// The position of a group in a partition: the next offset to read, and what the task wants to
// remember with it (its stream time). Durable together with the transaction that carries it.
struct CommittedOffset {
  Offset next;
  std::string metadata;
  bool operator==(const CommittedOffset&) const = default;
};
using GroupOffsets = std::map<TopicPartition, CommittedOffset>;

// Reads partitions from given offsets. One thread at a time, but for Wake(). Owned by the caller;
// must not outlive the Log.
class LogReader {
 public:
  virtual ~LogReader() = default;

  // Starts (or moves) reading of a partition at `start`. NotFound: no such topic or partition.
  // OutOfRange: `start` was deleted by retention or lies behind the end; the message names both.
  virtual absl::Status Assign(const TopicPartition& partition, Offset start) = 0;
  virtual void Unassign(const TopicPartition& partition) = 0;

  // The next records of an assigned partition: at least one record if any is there, else at most
  // about `max_bytes`. Never blocks; an empty batch means nothing new yet, or, if it is not at_end,
  // that what there is has not come yet. Advances the position.
  // DataLoss: damaged bytes; names file or topic, partition and offset, and repeats on every call.
  // OutOfRange: the records at the position were deleted meanwhile. NotFound: the topic was.
  virtual absl::StatusOr<RecordBatch> Fetch(const TopicPartition& partition, size_t max_bytes) = 0;

  // Blocks until an assigned partition may have new records, Wake() was called, or `timeout` has
  // passed. Spurious returns are allowed.
  virtual void Wait(Duration timeout) = 0;

  // Ends a Wait() at once. Thread-safe.
  virtual void Wake() = 0;
};

// Fetch for those who know that there is more: waits until the position moves on from `next`, where
// the reader stands. For reading up to an end that was described. Unavailable: it has not moved for
// `patience`.
absl::StatusOr<RecordBatch> FetchOnward(LogReader* reader, const TopicPartition& partition,
                                        Offset next, size_t max_bytes,
                                        Duration patience = Duration(30'000));

// Where the records of one partition ended up in a committed transaction.
struct ProducedRange {
  TopicPartition partition;
  Offset first;
  Offset end;  // one behind the last
};

struct CommitRequest {
  std::string group;      // empty: no offsets
  GroupOffsets consumed;  // next offsets to read, by partition
  // TaskGroup::Identity() of the committer: the log refuses the commit (Unavailable, nothing
  // committed) once the group has gone on without it. Empty: no such check.
  std::string member;
};

// A topic opened for producing: resolves the name once instead of per record.
struct TopicHandle {
  int32_t id = -1;
  int32_t partitions = 0;
};

// Writes transactions, one open at a time. One thread. Owned by the caller; must not outlive the
// Log. Destroying it aborts the open transaction.
class LogProducer {
 public:
  virtual ~LogProducer() = default;

  // NotFound: no such topic.
  virtual absl::StatusOr<TopicHandle> OpenTopic(const std::string& topic) = 0;

  // Adds a record to the open transaction, opening one if there is none. Copies the bytes.
  // Nothing is durable or visible before Commit. Order within a partition is kept.
  virtual absl::Status Produce(TopicHandle topic, PartitionId partition,
                               const OutgoingRecord& record) = 0;

  // Bytes held by the open transaction.
  virtual size_t PendingBytes() const = 0;

  // Makes the transaction durable and visible, all of it or nothing; see the head of this file.
  // Aborted: fenced, a newer producer with the same id exists. NotFound: a topic that it writes or
  // consumes does not exist (any more). ResourceExhausted: no space on the device; nothing was
  // written, and the same commit may be tried again once there is space.
  virtual absl::StatusOr<std::vector<ProducedRange>> Commit(const CommitRequest& request) = 0;

  // Drops the open transaction. It never becomes visible.
  virtual absl::Status Abort() = 0;
};

struct ProducerOptions {
  // Stable per worker slot. A new producer with the same id fences the older one, whose Commit
  // then fails with Aborted. Empty: no fencing (command line, tests).
  std::string transactional_id;
};

// Thread-safe. Open one per process with OpenLog (log_url.h), LocalLog::Open or MemoryLog. What has
// a default here, ForwardingLog must pass on, too.
class Log {
 public:
  virtual ~Log() = default;

  // Durable when it returns. AlreadyExists: there is a topic of that name.
  virtual absl::Status CreateTopic(const std::string& topic, const TopicConfig& config) = 0;
  // Partition counts never shrink (InvalidArgument). Durable when it returns.
  virtual absl::Status AddPartitions(const std::string& topic, int32_t new_count) = 0;
  // How long the topic keeps its records from now on; nullopt: for ever. Durable when it returns.
  // Unimplemented: the topics of this log are changed with its own tools.
  virtual absl::Status SetRetention(const std::string& topic, std::optional<Duration> retention) {
    (void)retention;
    return absl::UnimplementedError("the retention of topic '" + topic +
                                    "' cannot be changed from here");
  }
  // Deletes records, configuration and all groups' offsets of it. Durable when it returns.
  virtual absl::Status DeleteTopic(const std::string& topic) = 0;
  // NotFound: the message names the topic.
  virtual absl::StatusOr<TopicDescription> DescribeTopic(const std::string& topic) = 0;
  // One partition, once every transaction that had written to it before the call has ended: what
  // the successor of its writers must have read. Waits for them; Unavailable: one stays open for
  // longer than the log lets transactions be.
  virtual absl::StatusOr<PartitionDescription> DescribeSettled(const TopicPartition& partition);
  // Its configuration alone, or its partitions alone as they are now. The latter waits for no
  // transaction, so `end` may lack what was committed a moment ago.
  virtual absl::StatusOr<TopicConfig> DescribeConfig(const std::string& topic);
  virtual absl::StatusOr<std::vector<PartitionDescription>> DescribePartitions(
      const std::string& topic);
  // Sorted by name.
  virtual absl::StatusOr<std::vector<std::string>> ListTopics() = 0;
  // The first offset whose timestamp is at or after `time`; the end offset if there is none.
  virtual absl::StatusOr<Offset> OffsetForTime(const TopicPartition& partition, Timestamp time) = 0;
  // Deletes the records before `offset`; a later Assign below it is OutOfRange.
  virtual absl::Status DeleteRecordsBefore(const TopicPartition& partition, Offset offset) = 0;

  // All positions of a group. Waits a moment for transactions that are about to move one.
  virtual absl::StatusOr<GroupOffsets> CommittedOffsets(const std::string& group) = 0;
  // Those of some partitions; waits only for transactions that are about to move one of these. In
  // a group of many members there is hardly a moment at which none of all is about to move.
  virtual absl::StatusOr<GroupOffsets> CommittedOffsetsOf(
      const std::string& group, const std::vector<TopicPartition>& partitions);
  virtual absl::StatusOr<std::vector<std::string>> ListGroups() = 0;
  // Overwrites positions outside a transaction (reset tool). The group must not be running.
  virtual absl::Status ResetOffsets(const std::string& group, const GroupOffsets& offsets) = 0;

  virtual absl::StatusOr<std::unique_ptr<LogReader>> NewReader() = 0;
  virtual absl::StatusOr<std::unique_ptr<LogProducer>> NewProducer(const ProducerOptions&) = 0;

  // Who is in a group now.
  virtual absl::StatusOr<GroupDescription> DescribeGroup(const std::string&) {
    return GroupDescription{};
  }
  // Whether several processes share an application's tasks; if not, they are all this process's.
  virtual bool HasTaskGroups() const { return false; }
  // REQUIRES: HasTaskGroups(). Begins to join; TaskGroup::Poll() tells the rest.
  virtual absl::StatusOr<std::unique_ptr<TaskGroup>> JoinTaskGroup(const TaskGroupOptions&) {
    return absl::UnimplementedError("this log has no task groups");
  }
};

}  // namespace millrace
