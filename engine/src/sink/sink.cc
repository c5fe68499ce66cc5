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
    collector_->Send(slot, Partition(record, out, partitions), out);
  }

 private:
  static std::optional<std::string_view> Encode(const detail::Codec* codec, const void* object,
                                                std::string* bytes) {
    if (object == nullptr) return std::nullopt;
    bytes->clear();
    codec->encode(object, bytes);
    return *bytes;
  }

  PartitionId Partition(const detail::ErasedRecord& record, const OutgoingRecord& out,
                        int32_t partitions) const {
    if (spec_->partitioner != nullptr) {
      const PartitionId chosen = spec_->partitioner(record, partitions);
      if (chosen.value() < 0 || chosen.value() >= partitions) {
        detail::RaisePoison("the partitioner chose a partition that the topic does not have");
      }
      return chosen;
    }
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
