#include "sink/record_collector.h"

#include <utility>

#include "millrace/status.h"

namespace millrace {

void RecordCollector::Bind(LogProducer* producer) {
  producer_ = producer;
  status_ = absl::OkStatus();
  for (Target& target : targets_) target.handle = TopicHandle();
}

RecordCollector::Slot RecordCollector::Resolve(const std::string& topic) {
  const auto [it, added] = slots_.try_emplace(topic, static_cast<Slot>(targets_.size()));
  if (added) targets_.push_back({topic, TopicHandle()});
  return it->second;
}

bool RecordCollector::Open(Target* target) {
  if (target->handle.id >= 0) return true;
  if (!status_.ok()) return false;
  MR_CHECK(producer_ != nullptr, "a record was sent while no transaction may be open");
  absl::StatusOr<TopicHandle> handle = producer_->OpenTopic(target->topic);
  if (!handle.ok()) {
    status_ = std::move(handle).status();
    return false;
  }
  target->handle = *handle;
  return true;
}

int32_t RecordCollector::Partitions(Slot slot) {
  Target& target = targets_[static_cast<size_t>(slot)];
  return Open(&target) ? target.handle.partitions : 0;
}

void RecordCollector::Send(Slot slot, PartitionId partition, const OutgoingRecord& record) {
  Target& target = targets_[static_cast<size_t>(slot)];
  if (!Open(&target)) return;
  absl::Status status = producer_->Produce(target.handle, partition, record);
  if (status.ok()) {
    produced_->Add();
  } else if (status_.ok()) {
    status_ = std::move(status);
  }
}

}  // namespace millrace
