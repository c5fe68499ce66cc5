#include "log/cleaner.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/checksum.h"
#include "millrace/status.h"

namespace millrace {
namespace {

// More are not needed: a mark that is left out only keeps tombstones longer.
constexpr size_t kMarksMax = 16;
// Of a write or a merged batch; matters where nearly nothing is left of many small batches.
constexpr size_t kSourcesMax = 4096;
constexpr size_t kSourceCost = 64;  // of a deletion in a write, about

}  // namespace

Cleaner::Cleaner(const std::string& directory, LogDb* db, CommitQueue* queue,
                 std::shared_ptr<PartitionLog> partition, const Options& options,
                 const std::atomic<bool>& stop)
    : directory_(directory),
      db_(db),
      queue_(queue),
      partition_(std::move(partition)),
      options_(options),
      stop_(stop) {}

bool Cleaner::IsDue(const PartitionLog& partition, const LocalLogOptions& options) {
  const int64_t total = partition.bytes();
  const PartitionRecord& record = partition.record();
  const bool has_clean_part = record.begin < record.clean_end;
  const int64_t dirty = has_clean_part ? partition.head().position - record.clean_position : total;
  return dirty >= static_cast<int64_t>(options.min_compaction_bytes) &&
         static_cast<double>(dirty) >= options.min_dirty_ratio * static_cast<double>(total);
}

absl::Status Cleaner::Run() {
  queue_->ReadState([&] {
    begin_ = partition_->begin();
    const PartitionRecord& record = partition_->record();
    clean_end_ = std::max(begin_, record.clean_end);
    for (const CleanMark& mark : record.marks) {
      if (mark.at + options_.delete_retention <= options_.now) tombstone_end_ = mark.end;
    }
  });
  const absl::Status status = RunPass();
  // What a trim deleted under our feet looks like damage.
  return absl::IsDataLoss(status) && queue_->BeginMoved(*partition_, begin_) ? Trimmed() : status;
}

absl::Status Cleaner::RunPass() {
  std::unique_ptr<BatchCursor> cursor = db_->NewCursor(partition_->key());
  cursor->SeekToLast();
  MR_RETURN_IF_ERROR(cursor->status());
  if (!cursor->Valid() || cursor->base() <= clean_end_) return absl::OkStatus();
  newest_ = cursor->base();
  cursor.reset();
  MR_RETURN_IF_ERROR(BuildMap());
  return Rewrite();
}

absl::Status Cleaner::BuildMap() {
  PartitionWalk walk(directory_, db_, *partition_);
  map_end_ = clean_end_;
  while (map_end_ < newest_) {
    MR_RETURN_IF_ERROR(map_end_ == clean_end_ ? walk.Seek(map_end_) : walk.Next());
    // Batches are taken as a whole, and one of them always.
    const bool first = map_end_ == clean_end_;
    if (!first && newest_offsets_.size() + walk.header().count > options_.keys_max) break;
    MR_RETURN_IF_ERROR(AddToMap(walk.header(), walk.bytes()));
    map_end_ = walk.header().end();
    if (stop_.load(std::memory_order_relaxed)) return absl::CancelledError("stopped");
  }
  return absl::OkStatus();
}

absl::Status Cleaner::AddToMap(const BatchHeader& header, std::string_view bytes) {
  BatchDecoder decoder(header, bytes);
  for (RecordView record; decoder.Next(&record);) {
    if (record.key.has_value()) newest_offsets_[Hash128(*record.key)] = record.offset.value();
  }
  return decoder.status();
}

bool Cleaner::Keeps(const RecordView& record) const {
  if (record.offset < begin_) return false;
  if (!record.key.has_value()) return true;  // nothing can replace it
  if (!record.value.has_value() && record.offset < tombstone_end_) return false;
  auto it = newest_offsets_.find(Hash128(*record.key));
  return it == newest_offsets_.end() || record.offset.value() >= it->second;
}

absl::Status Cleaner::Rewrite() {
  PartitionWalk walk(directory_, db_, *partition_);
  Offset at = begin_;
  while (at < map_end_) {
    MR_RETURN_IF_ERROR(at == begin_ ? walk.Seek(at) : walk.Next());
    MR_RETURN_IF_ERROR(AddToMerge(walk.header(), walk.bytes()));
    at = walk.header().end();
    if (finished_bytes_ >= options_.write_bytes) MR_RETURN_IF_ERROR(Flush(nullptr));
    if (stop_.load(std::memory_order_relaxed)) return absl::CancelledError("stopped");
  }
  FinishMerge();
  MR_RETURN_IF_ERROR(walk.Next());  // there is one: the newest batch lies behind the map's end
  const PartitionRecord record = CleanRecord(walk.header().position);
  return Flush(&record);
}

bool Cleaner::Fits(const BatchHeader& header, size_t size) const {
  if (merge_ == nullptr || merge_->batch.size() + size > options_.batch_bytes ||
      merge_->sources.size() >= kSourcesMax) {
    return false;
  }
  return header.end() - merge_->sources.front() <= int64_t{UINT32_MAX};
}

absl::Status Cleaner::AddToMerge(const BatchHeader& header, std::string_view bytes) {
  if (!Fits(header, bytes.size())) {
    FinishMerge();
    merge_ = std::make_unique<Merge>();
    merge_->position = header.position;
  }
  merge_->sources.push_back(header.base);
  merge_->end = header.end();
  merge_->source_bytes += static_cast<int64_t>(bytes.size());
  const Offset base = merge_->sources.front();
  BatchDecoder decoder(header, bytes);
  for (RecordView record; decoder.Next(&record);) {
    if (Keeps(record)) {
      merge_->batch.AddAt(static_cast<uint32_t>(record.offset - base), record);
    } else {
      merge_->changed = true;
    }
  }
  return decoder.status();
}

void Cleaner::FinishMerge() {
  if (merge_ == nullptr) return;
  if (merge_->sources.size() == 1 && !merge_->changed) {
    clean_bytes_ += merge_->source_bytes;  // stays as it is
  } else {
    const Offset base = merge_->sources.front();
    merge_->batch.Seal(partition_->key(), base, merge_->position,
                       static_cast<uint32_t>(merge_->end - base));
    clean_bytes_ += static_cast<int64_t>(merge_->batch.size());
    finished_bytes_ += merge_->batch.size() + merge_->sources.size() * kSourceCost;
    finished_.push_back(std::move(*merge_));
  }
  merge_.reset();
}

absl::Status Cleaner::Trimmed() const {
  return absl::AbortedError(
      absl::StrCat(partition_->name().ToString(), " was trimmed or deleted while it was cleaned"));
}

absl::Status Cleaner::Flush(const PartitionRecord* record) {
  if (finished_.empty() && record == nullptr) return absl::OkStatus();
  const PartitionKey& key = partition_->key();
  MR_RETURN_IF_ERROR(queue_->Write(
      [&](LogWrite& write) -> absl::Status {
        // What a trim has deleted must not be written again.
        if (partition_->deleted() || partition_->begin() != begin_) return Trimmed();
        for (const Merge& merge : finished_) {
          for (Offset source : merge.sources) write.DeleteBatch(key, source);
          write.PutBatch(key, merge.sources.front(), merge.batch.bytes());
        }
        if (record != nullptr) write.PutMeta(PartitionRecordKey(key), EncodePartition(*record));
        return absl::OkStatus();
      },
      [&] {
        if (record != nullptr) partition_->SetRecord(*record, partition_->first_position());
      }));
  finished_.clear();
  finished_bytes_ = 0;
  return absl::OkStatus();
}

PartitionRecord Cleaner::CleanRecord(int64_t clean_position) const {
  PartitionRecord record;
  queue_->ReadState([&] { record = partition_->record(); });
  record.clean_end = map_end_;
  record.clean_bytes = clean_bytes_;
  record.clean_position = clean_position;
  // Of the marks that are old enough only the furthest one says anything.
  std::erase_if(record.marks, [&](const CleanMark& mark) { return mark.end < tombstone_end_; });
  if (record.marks.size() == kMarksMax) record.marks.pop_back();
  record.marks.push_back({.end = map_end_, .at = options_.now});
  return record;
}

}  // namespace millrace
