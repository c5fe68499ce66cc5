#include "source/record_queue.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "millrace/status.h"

namespace millrace {
namespace {

absl::Status DecodePart(const char* part, const detail::Codec* codec,
                        const std::optional<std::string_view>& bytes, detail::ErasedValue* box,
                        const void** result) {
  *result = nullptr;
  if (!bytes.has_value()) return absl::OkStatus();
  void* object = box->Emplace(codec);
  absl::Status status = codec->decode(*bytes, object);
  if (!status.ok()) {
    return absl::Status(status.code(), std::string(part) + ": " + std::string(status.message()));
  }
  *result = object;
  return status;
}

}  // namespace

RecordQueue::RecordQueue(TopicPartition partition, const detail::NodeSpec* source, Offset start,
                         Timestamp partition_time, Counter* dropped, const Clock* clock,
                         FutureLimit future)
    : partition_(std::move(partition)),
      source_(source),
      dropped_(dropped),
      clock_(clock),
      future_(future),
      partition_time_(partition_time),
      next_offset_(start) {}

void RecordQueue::Add(RecordBatch batch) {
  MR_CHECK(empty(), "a queue takes a batch only when it is empty");
  at_end_ = batch.at_end;
  batch_ = std::move(batch);
  index_ = 0;
  next_offset_ = batch_.next_offset;
  FindHead();
}

void RecordQueue::Pop() {
  if (error_.ok()) partition_time_ = std::max(partition_time_, record_.timestamp);
  ++index_;
  FindHead();
}

void RecordQueue::FindHead() {
  for (; index_ < batch_.records.size(); ++index_) {
    error_ = Decode(batch_.records[index_]);
    if (error_.ok()) error_ = CheckTimestamp();
    if (!error_.ok() || record_.timestamp >= TimestampFromMillis(0)) {
      has_head_ = true;
      return;
    }
    dropped_->Add();
  }
  has_head_ = false;
  batch_ = RecordBatch();
  index_ = 0;
}

absl::Status RecordQueue::Decode(const RecordView& raw) {
  record_ = detail::ErasedRecord();
  record_.timestamp = raw.timestamp;
  if (!raw.headers.empty()) {
    MR_RETURN_IF_ERROR(DecodeHeaders(raw.headers, &headers_));
    record_.headers = &headers_;
  }
  const void* key = nullptr;
  const void* value = nullptr;
  MR_RETURN_IF_ERROR(DecodePart("key", source_->key, raw.key, &key_, &key));
  MR_RETURN_IF_ERROR(DecodePart("value", source_->value, raw.value, &value_, &value));
  record_.key = key;
  record_.value = value;
  if (source_->wall_clock_time) record_.timestamp = clock_->Now();
  return source_->timestamp == nullptr ? absl::OkStatus() : ExtractTimestamp();
}

absl::Status RecordQueue::CheckTimestamp() {
  const Timestamp time = record_.timestamp;
  if (future_.Exceeded(time)) {
    // The place among the task's inputs of what came before it: it must not wait for its own time.
    record_.timestamp = std::max(partition_time_, TimestampFromMillis(0));
    return absl::OutOfRangeError(absl::StrCat("timestamp ", ToMillis(time), " is more than ",
                                              future_.max_skew()->count(),
                                              " ms (max_skew) ahead of the clock"));
  }
  const bool negative = time < TimestampFromMillis(0);
  if (!negative || source_->invalid_timestamp == InvalidTimestamp::kDrop) return absl::OkStatus();
  const bool replaced = source_->invalid_timestamp == InvalidTimestamp::kPartitionTime &&
                        partition_time_ >= TimestampFromMillis(0);
  record_.timestamp = std::max(partition_time_, TimestampFromMillis(0));
  if (replaced) return absl::OkStatus();
  return absl::OutOfRangeError(absl::StrCat("timestamp ", ToMillis(time), " is negative"));
}

absl::Status RecordQueue::ExtractTimestamp() {
  try {
    record_.timestamp = source_->timestamp(record_, partition_time_);
    return absl::OkStatus();
  } catch (const std::exception& error) {
    return absl::InvalidArgumentError(std::string("timestamp: ") + error.what());
  } catch (...) {
    return absl::InvalidArgumentError("timestamp: the extractor threw something unknown");
  }
}

}  // namespace millrace
