// Dead letters: the original bytes of a poison record on their way to the dead-letter topic, with
// headers that say why and where. In the same transaction as everything else of the record.
#pragma once

#include <string>
#include <string_view>

#include "millrace/error_policy.h"
#include "millrace/record.h"
#include "sink/record_collector.h"

namespace millrace {

struct PoisonReport {
  std::string_view application;
  std::string_view task;  // "0_3"
  std::string_view step;  // the node that refused the record
  PoisonClass poison;
  std::string_view error;  // what it said
};

// The header names of dead letters. The first five are those of Kafka Streams (KIP-1034).
inline constexpr std::string_view kDeadLetterException = "__streams.errors.exception";
inline constexpr std::string_view kDeadLetterMessage = "__streams.errors.message";
inline constexpr std::string_view kDeadLetterTopic = "__streams.errors.topic";
inline constexpr std::string_view kDeadLetterPartition = "__streams.errors.partition";
inline constexpr std::string_view kDeadLetterOffset = "__streams.errors.offset";
inline constexpr std::string_view kDeadLetterApplication = "dlq.application";
inline constexpr std::string_view kDeadLetterTask = "dlq.task";
inline constexpr std::string_view kDeadLetterStep = "dlq.step";
inline constexpr std::string_view kDeadLetterClass = "dlq.class";

// Sends key, value, timestamp and headers of `raw` to the slot's topic, plus the headers above.
void SendDeadLetter(RecordCollector* collector, RecordCollector::Slot slot, const RecordView& raw,
                    const TopicPartition& from, const PoisonReport& report);

}  // namespace millrace
