#include "sink/sink.h"

#include <utility>

#include "millrace/detail/poison.h"
#include "millrace/partitioner.h"

namespace millrace {
namespace {

class Sink : public detail::ErasedProcessor {
 public:
  Sink(const detail::NodeSpec* spec, std::string topic, PartitionId task_partition,
       RecordCollector* collector)
      : spec_(spec), task_partition_(task_partition), collector_(collector) {
    if (spec_->topic_chooser == nullptr) slot_ = collector_->Resolve(topic);
  }

  void Process(const detail::ErasedRecord& record) override {
    const RecordCollector::Slot slot =
        spec_->topic_chooser == nullptr ? slot_ : collector_->Resolve(spec_->topic_chooser(record));
    const int32_t partitions = collector_->Partitions(slot);
    if (partitions == 0) return;
    OutgoingRecord out;
    out.key = Encode(spec_->key, record.key, &key_);
    out.value = Encode(spec_->value, record.value, &value_);
    out.timestamp = record.timestamp;
    out.headers = record.headers;
    if (spec_->partitioner == nullptr) {
      collector_->Send(slot, DefaultPartition(out, partitions), out);
      return;
    }
    const detail::PartitionSet chosen = spec_->partitioner(record, partitions);
    // All or none: a record that is half sent cannot be a dead letter.
    for (const PartitionId partition : chosen) {
      if (partition.value() < 0 || partition.value() >= partitions) {
        detail::RaisePoison("the partitioner chose a partition that the topic does not have");
      }
    }
    for (const PartitionId partition : chosen) collector_->Send(slot, partition, out);
  }

 private:
  static std::optional<std::string_view> Encode(const detail::Codec* codec, const void* object,
                                                std::string* bytes) {
    if (object == nullptr) return std::nullopt;
    bytes->clear();
    codec->encode(object, bytes);
    return *bytes;
  }

  PartitionId DefaultPartition(const OutgoingRecord& out, int32_t partitions) const {
    if (out.key.has_value()) return PartitionForKey(*out.key, partitions);
    return PartitionId(task_partition_.value() % partitions);
  }

  const detail::NodeSpec* const spec_;
  const PartitionId task_partition_;
  RecordCollector* const collector_;
  RecordCollector::Slot slot_ = -1;
  std::string key_;
  std::string value_;
};

}  // namespace

std::unique_ptr<detail::ErasedProcessor> MakeSink(const detail::NodeSpec* spec, std::string topic,
                                                  PartitionId task_partition,
                                                  RecordCollector* collector) {
  return std::make_unique<Sink>(spec, std::move(topic), task_partition, collector);
}

}  // namespace millrace
