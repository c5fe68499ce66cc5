#include "sink/dead_letter.h"

#include <string>

#include "millrace/partitioner.h"

namespace millrace {

void SendDeadLetter(RecordCollector* collector, RecordCollector::Slot slot, const RecordView& raw,
                    const TopicPartition& from, const PoisonReport& report) {
  const int32_t partitions = collector->Partitions(slot);
  if (partitions == 0) return;
  Headers headers;
  // Headers that cannot be read are the poison itself; the message says so.
  if (!DecodeHeaders(raw.headers, &headers).ok()) headers = Headers();
  const auto add = [&headers](std::string_view name, std::string value) {
    headers.Add(std::string(name), std::move(value));
  };
  add(kDeadLetterException, "PoisonRecord");
  add(kDeadLetterMessage, std::string(report.error));
  add(kDeadLetterTopic, from.topic);
  add(kDeadLetterPartition, std::to_string(from.partition.value()));
  add(kDeadLetterOffset, std::to_string(raw.offset.value()));
  add(kDeadLetterApplication, std::string(report.application));
  add(kDeadLetterTask, std::string(report.task));
  add(kDeadLetterStep, std::string(report.step));
  add(kDeadLetterClass, std::string(PoisonClassName(report.poison)));

  OutgoingRecord out{raw.key, raw.value, raw.timestamp, &headers};
  const PartitionId partition = raw.key.has_value()
                                    ? PartitionForKey(*raw.key, partitions)
                                    : PartitionId(from.partition.value() % partitions);
  collector->Send(slot, partition, out);
}

}  // namespace millrace
