#include "log/local_reader.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "millrace/status.h"

namespace millrace {
namespace {

// What a record costs a reader beside its bytes.
constexpr size_t kRecordOverhead = 16;

// The buffers that a RecordBatch points into.
class Pins {
 public:
  void Add(const SharedBatch& batch) {
    if (batches_.empty() || batches_.back() != batch) batches_.push_back(batch);
  }
  std::shared_ptr<const void> Take() {
    if (batches_.size() == 1) return std::move(batches_.front());
    return std::make_shared<std::vector<SharedBatch>>(std::move(batches_));
  }

 private:
  std::vector<SharedBatch> batches_;
};

absl::Status OutOfRange(Offset offset, const PartitionLog& log) {
  return absl::OutOfRangeError(absl::StrCat("offset ", offset.value(), " of ",
                                            log.name().ToString(), " is outside of ",
                                            log.begin().value(), " to ", log.end().value()));
}

}  // namespace

LocalReader::LocalReader(const std::string& directory, LogDb* db, CommitQueue* queue,
                         LogState* state)
    : directory_(directory), db_(db), queue_(queue), state_(state) {}

LocalReader::~LocalReader() {
  std::lock_guard lock(state_->mutex);
  for (auto& [name, assignment] : assignments_) assignment.log->Unwatch(signal_.get());
}

absl::Status LocalReader::Assign(const TopicPartition& partition, Offset start) {
  Unassign(partition);
  {
    std::lock_guard lock(state_->mutex);
    MR_ASSIGN_OR_RETURN(std::shared_ptr<PartitionLog> log, state_->FindPartition(partition));
    if (start < log->begin() || start > log->end()) return OutOfRange(start, *log);
    log->Watch(signal_);
    Assignment& assignment = assignments_[partition];
    assignment.log = std::move(log);
    assignment.position = start;
  }
  signal_->Notify();  // there may be records at once
  return absl::OkStatus();
}

void LocalReader::Unassign(const TopicPartition& partition) {
  auto it = assignments_.find(partition);
  if (it == assignments_.end()) return;
  std::shared_ptr<PartitionLog> log = it->second.log;
  assignments_.erase(it);
  std::lock_guard lock(state_->mutex);
  log->Unwatch(signal_.get());
}

absl::StatusOr<RecordBatch> LocalReader::Fetch(const TopicPartition& partition, size_t max_bytes) {
  auto it = assignments_.find(partition);
  MR_CHECK(it != assignments_.end(), "Fetch of a partition that is not assigned");
  Assignment& assignment = it->second;
  RecordBatch out;
  out.next_offset = assignment.position;
  MR_RETURN_IF_ERROR(CheckReadable(assignment));
  Pins pins;
  size_t bytes = 0;
  // Compaction may have emptied a batch, so one may not be enough for a record.
  while (out.records.empty() || bytes < max_bytes) {
    if (assignment.current == nullptr) {
      if (assignment.position >= assignment.log->end()) break;
      absl::Status status = NextBatch(&assignment, max_bytes);
      // What came before the damage is good; the next call reports it.
      if (!status.ok() && !out.records.empty()) break;
      MR_RETURN_IF_ERROR(status);
    }
    pins.Add(assignment.current);
    absl::Status status = Decode(&assignment, max_bytes, &bytes, &out);
    MR_RETURN_IF_ERROR(status);
  }
  out.next_offset = assignment.position;
  if (!out.records.empty()) out.pin = pins.Take();
  if (assignment.position < assignment.log->end()) signal_->Notify();
  return out;
}

absl::Status LocalReader::CheckReadable(const Assignment& assignment) const {
  MR_RETURN_IF_ERROR(assignment.damage);
  const PartitionLog& log = *assignment.log;
  if (log.deleted()) {
    return absl::NotFoundError(absl::StrCat("topic '", log.name().topic, "' was deleted"));
  }
  if (assignment.position < log.begin()) return OutOfRange(assignment.position, log);
  return absl::OkStatus();
}

absl::Status LocalReader::NextBatch(Assignment* assignment, size_t max_bytes) {
  if (assignment->ahead.empty()) {
    std::lock_guard lock(state_->mutex);
    assignment->ahead = assignment->log->Tail(assignment->position, max_bytes);
    std::reverse(assignment->ahead.begin(), assignment->ahead.end());
  }
  if (!assignment->ahead.empty()) {
    assignment->walk.reset();
    assignment->current = std::move(assignment->ahead.back());
    assignment->ahead.pop_back();
  } else {
    absl::StatusOr<SharedBatch> batch = ReadFromDisk(assignment);
    if (!batch.ok()) {
      if (absl::IsDataLoss(batch.status())) assignment->damage = batch.status();
      return batch.status();
    }
    assignment->current = *std::move(batch);
  }
  assignment->decoder =
      BatchDecoder(assignment->current->header, assignment->current->bytes.view());
  return absl::OkStatus();
}

absl::StatusOr<SharedBatch> LocalReader::ReadFromDisk(Assignment* assignment) {
  absl::Status status;
  if (assignment->walk != nullptr && assignment->walk->header().end() == assignment->position) {
    status = assignment->walk->Next();
  } else {
    assignment->walk = std::make_unique<PartitionWalk>(directory_, db_, *assignment->log);
    status = assignment->walk->Seek(assignment->position);
  }
  if (!status.ok()) {
    // The walk may be older than the batch, or the batch was deleted this moment. What is still
    // not there when no write is under way is lost.
    queue_->Barrier();
    MR_RETURN_IF_ERROR(CheckReadable(*assignment));
    assignment->walk = std::make_unique<PartitionWalk>(directory_, db_, *assignment->log);
    status = assignment->walk->Seek(assignment->position);
  }
  if (!status.ok()) {
    assignment->walk.reset();
    MR_RETURN_IF_ERROR(CheckReadable(*assignment));
    return status;
  }
  auto batch = std::make_shared<CachedBatch>();
  batch->header = assignment->walk->header();
  batch->bytes.Append(assignment->walk->bytes());
  return batch;
}

absl::Status LocalReader::Decode(Assignment* assignment, size_t max_bytes, size_t* bytes,
                                 RecordBatch* out) {
  if (out->records.empty()) {
    // An estimate: the records of a batch are about of the same size.
    const CachedBatch& batch = *assignment->current;
    const size_t count = batch.header.count;
    out->records.reserve(std::min(count, count * max_bytes / batch.bytes.size() + 1));
  }
  RecordView record;
  while ((out->records.empty() || *bytes < max_bytes) && assignment->decoder.Next(&record)) {
    if (record.offset < assignment->position) continue;
    *bytes += (record.key.has_value() ? record.key->size() : 0) +
              (record.value.has_value() ? record.value->size() : 0) + record.headers.size() +
              kRecordOverhead;
    assignment->position = record.offset.Next();
    out->records.push_back(record);
  }
  if (!assignment->decoder.done()) return absl::OkStatus();
  absl::Status status = assignment->decoder.status();
  if (!status.ok()) {
    assignment->damage = status;
    return status;
  }
  assignment->position = assignment->current->header.end();
  assignment->current.reset();
  return absl::OkStatus();
}

}  // namespace millrace
