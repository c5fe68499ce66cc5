#include "kafka_settings.h"

#include <algorithm>
#include <functional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "command_line.h"
#include "millrace/kafka/client_properties.h"
#include "millrace/status.h"

namespace millrace::worker {
namespace {

using Apply = std::function<absl::Status(const std::string&, kafka::KafkaOptions*)>;

absl::Status ReadDuration(const std::string& text, Duration* out) {
  MR_ASSIGN_OR_RETURN(*out, ParseDuration(text));
  return absl::OkStatus();
}

absl::Status ReadNumber(const std::string& text, int64_t min, int64_t max, int64_t* out) {
  if (absl::SimpleAtoi(text, out) && *out >= min && *out <= max) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("'", text, "' is no whole number from ", min, " to ", max));
}

absl::Status ReadBytes(const std::string& text, size_t* out) {
  int64_t number = 0;
  MR_RETURN_IF_ERROR(ReadNumber(text, 1 << 20, int64_t{1} << 40, &number));
  *out = static_cast<size_t>(number);
  return absl::OkStatus();
}

absl::Status ReadInsecure(const std::string& text, kafka::KafkaOptions* options) {
  if (text != "true" && text != "false") {
    return absl::InvalidArgumentError(absl::StrCat("'", text, "' is neither true nor false"));
  }
  options->insecure = text == "true";
  return absl::OkStatus();
}

absl::Status ReadReplicas(const std::string& text, kafka::KafkaOptions* options) {
  int64_t number = 0;
  MR_RETURN_IF_ERROR(ReadNumber(text, 1, 100, &number));
  options->replication_factor = static_cast<int>(number);
  return absl::OkStatus();
}

// The settings of our own.
const std::map<std::string, Apply>& OwnSettings() {
  static const auto* const own = new std::map<std::string, Apply>{
      {"insecure", ReadInsecure},
      {"replication-factor", ReadReplicas},
      {"transaction-timeout",
       [](const std::string& text, kafka::KafkaOptions* options) {
         return ReadDuration(text, &options->transaction_timeout);
       }},
      {"connect-timeout",
       [](const std::string& text, kafka::KafkaOptions* options) {
         return ReadDuration(text, &options->connect_timeout);
       }},
      {"fetch-memory",
       [](const std::string& text, kafka::KafkaOptions* options) {
         return ReadBytes(text, &options->fetch_bytes);
       }},
      {"produce-memory",
       [](const std::string& text, kafka::KafkaOptions* options) {
         return ReadBytes(text, &options->produce_bytes);
       }},
  };
  return *own;
}

}  // namespace

absl::StatusOr<KafkaSettings> ParseKafkaFlags(const std::vector<std::string>& flags) {
  KafkaSettings settings;
  for (const std::string& flag : flags) {
    const size_t equals = flag.find('=');
    const std::string name = flag.substr(0, equals);
    if (kafka::IsSecretProperty(name)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--kafka-property: '", name, "' is a secret, and arguments are seen by everybody: give ",
          name, "_file=PATH or ", name, "_env=VARIABLE"));
    }
    if (equals == std::string::npos || name.empty()) {
      return absl::InvalidArgumentError("--kafka-property takes NAME=VALUE");
    }
    if (!settings.emplace(name, flag.substr(equals + 1)).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("--kafka-property: '", name, "' is given twice"));
    }
  }
  return settings;
}

bool HoldsSecret(const KafkaSettings& settings) {
  return std::any_of(settings.begin(), settings.end(),
                     [](const auto& setting) { return kafka::IsSecretProperty(setting.first); });
}

absl::StatusOr<kafka::KafkaOptions> KafkaOptionsFrom(const KafkaSettings& settings) {
  kafka::KafkaOptions options;
  KafkaSettings properties;
  for (const auto& [name, value] : settings) {
    const auto own = OwnSettings().find(name);
    if (own == OwnSettings().end()) {
      properties.emplace(name, value);
      continue;
    }
    if (absl::Status status = own->second(value, &options); !status.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("Kafka setting '", name, "': ", std::string(status.message())));
    }
  }
  MR_ASSIGN_OR_RETURN(options.properties,
                      kafka::ResolveClientProperties(properties, /*allow_inline_secrets=*/true));
  for (const auto& [name, value] : options.properties) {
    MR_RETURN_IF_ERROR(kafka::CheckClientProperty(name, value, options.insecure));
  }
  return options;
}

}  // namespace millrace::worker
