#include "log/local_producer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "millrace/status.h"

namespace millrace {
namespace {

// A batch is closed at this size: what a reader has to hold at least, and what a damaged byte
// costs.
constexpr size_t kBatchBytes = 256 << 10;
// The largest key or value; far above what a stream of records should carry.
constexpr size_t kFieldBytesMax = 64 << 20;

size_t SizeOf(std::optional<std::string_view> field) {
  return field.has_value() ? field->size() : 0;
}

}  // namespace

LocalProducer::LocalProducer(std::string transactional_id, int64_t epoch, CommitQueue* queue,
                             LogState* state)
    : queue_(queue), state_(state) {
  transaction_.transactional_id = std::move(transactional_id);
  transaction_.epoch = epoch;
}

absl::StatusOr<TopicHandle> LocalProducer::OpenTopic(const std::string& topic) {
  std::lock_guard lock(state_->mutex);
  MR_ASSIGN_OR_RETURN(const TopicState* found, state_->FindTopic(topic));
  const auto opened =
      std::find_if(topics_.begin(), topics_.end(),
                   [&](const OpenedTopic& candidate) { return candidate.id == found->record.id; });
  const auto index = opened - topics_.begin();
  if (opened == topics_.end()) topics_.emplace_back().id = found->record.id;
  std::deque<Lane>& lanes = topics_[static_cast<size_t>(index)].lanes;
  while (lanes.size() < found->partitions.size()) {
    const auto& partition = found->partitions[lanes.size()];
    lanes.emplace_back().partition = partition;
  }
  return TopicHandle{.id = static_cast<int32_t>(index),
                     .partitions = static_cast<int32_t>(lanes.size())};
}

absl::Status LocalProducer::Produce(TopicHandle topic, PartitionId partition,
                                    const OutgoingRecord& record) {
  MR_CHECK(partition.value() >= 0 && partition.value() < topic.partitions,
           "partition out of range");
  if (SizeOf(record.key) > kFieldBytesMax || SizeOf(record.value) > kFieldBytesMax) {
    return absl::InvalidArgumentError(
        absl::StrCat("a record's key or value has more than ", kFieldBytesMax, " bytes"));
  }
  Lane& lane = topics_[static_cast<size_t>(topic.id)].lanes[static_cast<size_t>(partition.value())];
  if (lane.batches.empty()) transaction_.lanes.push_back(&lane);
  const bool full = lane.batches.empty() || lane.batches.back().size() >= kBatchBytes;
  BatchBuilder& batch = full ? lane.batches.emplace_back() : lane.batches.back();
  const size_t before = full ? 0 : batch.size();
  batch.Add(record);
  transaction_.bytes += batch.size() - before;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ProducedRange>> LocalProducer::Commit(const CommitRequest& request) {
  absl::StatusOr<std::vector<ProducedRange>> ranges = queue_->Commit(&transaction_, request);
  if (ranges.ok()) Clear();
  return ranges;
}

absl::Status LocalProducer::Abort() {
  Clear();
  return absl::OkStatus();
}

void LocalProducer::Clear() {
  for (Lane* lane : transaction_.lanes) lane->batches.clear();
  transaction_.lanes.clear();
  transaction_.bytes = 0;
}

}  // namespace millrace
