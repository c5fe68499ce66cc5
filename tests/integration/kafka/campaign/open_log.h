// The log of a campaign: Kafka, or one on this machine to try the campaign itself.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "millrace/kafka/kafka_log.h"
#include "millrace/log.h"

namespace millrace::campaign {

bool IsKafka(const std::string& url);

// What brokers and client library complain about goes to standard error.
kafka::KafkaOptions WarningsToStderr();

// `options` are for Kafka's URLs.
absl::StatusOr<std::unique_ptr<Log>> OpenLogOf(const std::string& url,
                                               const kafka::KafkaOptions& options);

}  // namespace millrace::campaign
