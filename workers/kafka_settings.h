// The settings of [kafka] and of --kafka-property: the client library's properties by their names
// (millrace/kafka/client_properties.h), and of our own, which have no dot in theirs:
//
//   insecure             true lets properties pass that give up protection
//   replication-factor   of topics that are created
//   transaction-timeout  how long a transaction may be open, as in "10s"
//   connect-timeout      how long to look for a broker
//   fetch-memory         bytes that one worker thread reads ahead
//   produce-memory       bytes that one worker thread has waiting to be sent
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "millrace/kafka/kafka_log.h"

namespace millrace::worker {

using KafkaSettings = std::map<std::string, std::string>;

// Of "NAME=VALUE" words. InvalidArgument: no such form, or a secret, which every user of the
// machine could see among the processes' arguments.
absl::StatusOr<KafkaSettings> ParseKafkaFlags(const std::vector<std::string>& flags);

// Whether any of the settings is a secret that is written out.
bool HoldsSecret(const KafkaSettings& settings);

// Reads the secrets' files and variables. InvalidArgument names the setting, never a secret.
absl::StatusOr<kafka::KafkaOptions> KafkaOptionsFrom(const KafkaSettings& settings);

}  // namespace millrace::worker
