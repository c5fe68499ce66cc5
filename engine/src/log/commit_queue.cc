#include "log/commit_queue.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/logging.h"
#include "millrace/status.h"

namespace millrace {
namespace {

// Past this, waiting transactions wait for the next group: a write is held in memory as a whole.
constexpr size_t kGroupBytesMax = 32 << 20;
// What a batch or an offset takes in a write beside its bytes, about.
constexpr size_t kEntryBytes = 64;
// The three entries of the commit sequence.
constexpr size_t kWriteBytes = 3 * kEntryBytes;

size_t BytesOf(const Transaction& transaction, const CommitRequest& request) {
  size_t bytes = transaction.bytes;
  for (const Lane* lane : transaction.lanes) bytes += lane->batches.size() * kEntryBytes;
  return bytes + request.consumed.size() * (kEntryBytes + request.group.size());
}

}  // namespace

CommitQueue::CommitQueue(const Options& options, LogDb* db, AckedFile* acked, LogState* state)
    : options_(options),
      db_(db),
      acked_(acked),
      state_(state),
      sequence_(options.commit_sequence) {}

absl::StatusOr<std::vector<ProducedRange>> CommitQueue::Commit(Transaction* transaction,
                                                               const CommitRequest& request) {
  Waiter waiter;
  waiter.transaction = transaction;
  waiter.request = &request;
  std::unique_lock lock(queue_mutex_);
  queue_.push_back(&waiter);
  waiter.turn.wait(lock, [&] { return waiter.done || (!leading_ && queue_.front() == &waiter); });
  if (!waiter.done) {
    leading_ = true;
    const Group group = TakeGroup();
    lock.unlock();
    CommitGroup(group);
    lock.lock();
    leading_ = false;
    for (Waiter* member : group) {
      member->done = true;
      if (member != &waiter) member->turn.notify_one();
    }
    if (!queue_.empty()) queue_.front()->turn.notify_one();
  }
  if (!waiter.status.ok()) return waiter.status;
  return std::move(waiter.ranges);
}

CommitQueue::Group CommitQueue::TakeGroup() {
  Group group;
  size_t bytes = 0;
  while (!queue_.empty() && (group.empty() || bytes < kGroupBytesMax)) {
    Waiter* waiter = queue_.front();
    bytes += BytesOf(*waiter->transaction, *waiter->request);
    group.push_back(waiter);
    queue_.pop_front();
  }
  return group;
}

void CommitQueue::CommitGroup(const Group& group) {
  std::lock_guard commit(commit_mutex_);
  size_t bytes = kWriteBytes;
  for (const Waiter* waiter : group) bytes += BytesOf(*waiter->transaction, *waiter->request);
  std::unique_ptr<LogWrite> write = db_->NewWrite(bytes);
  bool anything = false;
  for (Waiter* waiter : group) {
    waiter->status = Check(*waiter);
    if (!waiter->status.ok()) continue;
    Place(waiter, write.get());
    anything |= !waiter->ranges.empty() || !waiter->request->consumed.empty();
  }
  if (!anything) return;
  const absl::Status status = Apply(write.get());
  if (status.ok()) {
    Publish(group);
  } else {
    for (Waiter* waiter : group) waiter->status.Update(status);
    for (PartitionLog* partition : staged_) partition->DropStaged();
  }
  staged_.clear();
}

absl::Status CommitQueue::Check(const Waiter& waiter) const {
  MR_RETURN_IF_ERROR(failure_);
  const Transaction& transaction = *waiter.transaction;
  if (!transaction.transactional_id.empty() &&
      state_->epochs.at(transaction.transactional_id) != transaction.epoch) {
    return absl::AbortedError(absl::StrCat("fenced: a newer producer with the id '",
                                           transaction.transactional_id, "' exists"));
  }
  for (const Lane* lane : transaction.lanes) {
    if (lane->partition->deleted()) {
      return absl::NotFoundError(
          absl::StrCat("topic '", lane->partition->name().topic, "' was deleted"));
    }
  }
  for (const auto& [partition, offset] : waiter.request->consumed) {
    MR_RETURN_IF_ERROR(state_->FindPartition(partition).status());
  }
  return absl::OkStatus();
}

void CommitQueue::Place(Waiter* waiter, LogWrite* write) {
  for (Lane* lane : waiter->transaction->lanes) {
    PartitionLog& partition = *lane->partition;
    if (!partition.has_staged()) staged_.push_back(&partition);
    PartitionLog::Head& head = partition.Staged();
    const Offset first = head.end;
    for (BatchBuilder& batch : lane->batches) {
      batch.Seal(partition.key(), head.end, head.position, batch.count());
      write->PutBatch(partition.key(), head.end, batch.bytes());
      head.end = head.end.Next(batch.count());
      head.position += static_cast<int64_t>(batch.size());
    }
    waiter->ranges.push_back({partition.name(), first, head.end});
  }
  for (const auto& [partition, offset] : waiter->request->consumed) {
    write->PutGroupOffset(EncodeGroupOffsetKey(waiter->request->group, partition),
                          EncodeGroupOffset(offset));
  }
}

void CommitQueue::MoveToShared(Waiter* waiter) {
  for (Lane* lane : waiter->transaction->lanes) {
    for (BatchBuilder& batch : lane->batches) {
      const BatchHeader header = batch.header();
      waiter->written.emplace_back(lane->partition, std::make_shared<CachedBatch>(CachedBatch{
                                                        header, std::move(batch).Release()}));
    }
    lane->batches.clear();
  }
}

void CommitQueue::Publish(const Group& group) {
  // Memory is taken and given back outside of the state mutex: readers wait for that one.
  std::vector<SharedBatch> dropped;
  std::vector<std::shared_ptr<ReaderSignal>> signals;
  for (Waiter* waiter : group) {
    if (waiter->status.ok()) MoveToShared(waiter);
  }
  {
    std::lock_guard lock(state_->mutex);
    for (Waiter* waiter : group) {
      if (!waiter->status.ok()) continue;
      for (auto& [partition, batch] : waiter->written) {
        state_->tails.Add(partition, std::move(batch), &dropped);
      }
      if (waiter->request->consumed.empty()) continue;
      GroupOffsets& offsets = state_->groups[waiter->request->group];
      for (const auto& [partition, offset] : waiter->request->consumed) offsets[partition] = offset;
    }
    for (PartitionLog* partition : staged_) {
      partition->SetHead(partition->Staged());
      partition->DropStaged();
      const auto& watchers = partition->watchers();
      signals.insert(signals.end(), watchers.begin(), watchers.end());
    }
  }
  for (const auto& signal : signals) signal->Notify();
}

absl::Status CommitQueue::Write(absl::FunctionRef<absl::Status(LogWrite&)> fill,
                                absl::FunctionRef<void()> publish) {
  std::lock_guard commit(commit_mutex_);
  MR_RETURN_IF_ERROR(failure_);
  std::unique_ptr<LogWrite> write = db_->NewWrite(0);
  MR_RETURN_IF_ERROR(fill(*write));
  MR_RETURN_IF_ERROR(Apply(write.get()));
  std::lock_guard lock(state_->mutex);
  publish();
  return absl::OkStatus();
}

bool CommitQueue::BeginMoved(const PartitionLog& partition, Offset begin) {
  Barrier();
  return partition.deleted() || partition.begin() != begin;
}

void CommitQueue::ReadState(absl::FunctionRef<void()> read) const {
  std::lock_guard lock(state_->mutex);
  read();
}

absl::StatusOr<int64_t> CommitQueue::NewEpoch(const std::string& transactional_id) {
  std::lock_guard commit(commit_mutex_);
  MR_RETURN_IF_ERROR(failure_);
  std::lock_guard lock(state_->mutex);
  return transactional_id.empty() ? 0 : ++state_->epochs[transactional_id];
}

absl::Status CommitQueue::Apply(LogWrite* write) {
  write->PutCommitSequence(sequence_ + 1);
  if (absl::Status status = db_->Apply(*write, options_.sync); !status.ok()) {
    return OnFailedWrite(status);
  }
  ++sequence_;
  if (options_.sync) Acknowledge();
  return absl::OkStatus();
}

void CommitQueue::Acknowledge() {
  // The commit itself is durable. What is lost without the note is only the check at the next
  // open, so the commit must not fail for it.
  const absl::Status status = acked_->Write(sequence_);
  if (status.ok() || ack_warned_) return;
  ack_warned_ = true;
  LogWarning(absl::StrCat("the check for lost commits is off: ", std::string(status.message())));
}

absl::Status CommitQueue::OnFailedWrite(const absl::Status& status) {
  if (absl::IsResourceExhausted(status)) {
    return absl::ResourceExhaustedError(
        absl::StrCat("no space for the log in '", options_.directory,
                     "'; nothing was written: ", std::string(status.message())));
  }
  failure_ = absl::Status(
      status.code(),
      absl::StrCat("the log in '", options_.directory, "' stopped: ", std::string(status.message()),
                   "; what was not acknowledged may or may not be in it when it is "
                   "opened again"));
  LogError(std::string(failure_.message()));
  return failure_;
}

absl::Status CommitQueue::failure() const {
  std::lock_guard commit(commit_mutex_);
  return failure_;
}

absl::Status CommitQueue::Close() {
  std::lock_guard commit(commit_mutex_);
  // With `sync` there is nothing left to do; a log that stopped has said so.
  if (options_.sync || !failure_.ok()) return absl::OkStatus();
  MR_RETURN_IF_ERROR(db_->Sync());
  Acknowledge();
  return absl::OkStatus();
}

}  // namespace millrace
