#include "connectors/kafka/src/client_config.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "millrace/kafka/client_properties.h"
#include "millrace/status.h"

namespace millrace::kafka {
namespace {

// What the library spends on a record beside its bytes while the record waits to be read.
constexpr size_t kBytesPerQueuedRecord = 300;
// What a small record takes in all, to turn a bound of bytes into one of records.
constexpr size_t kSmallRecordBytes = kBytesPerQueuedRecord + 100;
// One answer of a broker brings at most so much of a partition.
constexpr size_t kPartitionFetchBytes = 1 << 20;

const std::map<std::string, PropertyScope>& KnownProperties() {
  static const auto* const known = new std::map<std::string, PropertyScope>{
      {"security.protocol", PropertyScope::kAll},
      {"enable.ssl.certificate.verification", PropertyScope::kAll},
      {"client.id", PropertyScope::kAll},
      {"client.rack", PropertyScope::kAll},
      {"broker.address.family", PropertyScope::kAll},
      {"broker.address.ttl", PropertyScope::kAll},
      {"connections.max.idle.ms", PropertyScope::kAll},
      {"reconnect.backoff.ms", PropertyScope::kAll},
      {"reconnect.backoff.max.ms", PropertyScope::kAll},
      {"metadata.max.age.ms", PropertyScope::kAll},
      {"topic.metadata.refresh.interval.ms", PropertyScope::kAll},
      {"message.max.bytes", PropertyScope::kAll},
      {"receive.message.max.bytes", PropertyScope::kAll},
      {"fetch.wait.max.ms", PropertyScope::kConsumers},
      {"fetch.min.bytes", PropertyScope::kConsumers},
      {"fetch.max.bytes", PropertyScope::kConsumers},
      {"max.partition.fetch.bytes", PropertyScope::kConsumers},
      {"check.crcs", PropertyScope::kConsumers},
      {"linger.ms", PropertyScope::kProducers},
      {"batch.size", PropertyScope::kProducers},
      {"batch.num.messages", PropertyScope::kProducers},
      {"compression.type", PropertyScope::kProducers},
      {"compression.level", PropertyScope::kProducers},
  };
  return *known;
}

std::string Text(bool value) { return value ? "true" : "false"; }
std::string Text(Duration duration) { return absl::StrCat(duration.count()); }

absl::Status SetAll(ClientConfig* config,
                    std::initializer_list<std::pair<const char*, std::string>> properties) {
  for (const auto& [name, value] : properties) MR_RETURN_IF_ERROR(config->Set(name, value));
  return absl::OkStatus();
}

// The library's own guesses at what we would like are switched off: nothing is created, committed
// or forwarded behind our back.
absl::Status SetForReading(const ClientSettings& settings, ClientConfig* config) {
  return SetAll(config, {{"isolation.level", settings.options.read_uncommitted ? "read_uncommitted"
                                                                               : "read_committed"},
                         {"enable.auto.commit", "false"},
                         {"enable.auto.offset.store", "false"},
                         {"allow.auto.create.topics", "false"}});
}

}  // namespace

PropertyScope ScopeOfProperty(const std::string& name) {
  const auto it = KnownProperties().find(name);
  if (it != KnownProperties().end()) return it->second;
  const bool connection = absl::StartsWith(name, "sasl.") || absl::StartsWith(name, "ssl.") ||
                          absl::StartsWith(name, "socket.");
  return connection ? PropertyScope::kAll : PropertyScope::kNone;
}

absl::StatusOr<ClientConfig> ClientConfig::Make(const ClientSettings& settings,
                                                PropertyScope scope) {
  ClientConfig config{RdConfig(rd_kafka_conf_new())};
  MR_RETURN_IF_ERROR(SetAll(&config, {{"bootstrap.servers", settings.brokers},
                                      {"client.id", "millrace"},
                                      {"socket.nagle.disable", "true"},
                                      {"socket.keepalive.enable", "true"},
                                      {"log_level", "4"},
                                      {"log.thread.name", "false"},
                                      {"reconnect.backoff.max.ms", "2000"}}));
  for (const auto& [name, value] : settings.options.properties) {
    MR_RETURN_IF_ERROR(CheckClientProperty(name, value, settings.options.insecure));
    const PropertyScope own = ScopeOfProperty(name);
    if (own == PropertyScope::kAll || own == scope) {
      MR_RETURN_IF_ERROR(config.Set(name.c_str(), value));
    }
  }
  return config;
}

absl::Status ClientConfig::Set(const char* name, const std::string& value) {
  char reason[512] = "";
  const rd_kafka_conf_res_t result =
      rd_kafka_conf_set(config_.get(), name, value.c_str(), reason, sizeof(reason));
  if (result == RD_KAFKA_CONF_OK) return absl::OkStatus();
  // The library's reason quotes the value.
  const std::string why = result == RD_KAFKA_CONF_UNKNOWN ? "this librdkafka does not know it"
                          : IsSecretProperty(name)        ? "its value is not usable"
                                                          : std::string(reason);
  return absl::InvalidArgumentError(absl::StrCat("Kafka property '", name, "': ", why));
}

bool ClientConfig::SetIfKnown(const char* name, const std::string& value) {
  return Set(name, value).ok();
}

absl::StatusOr<ClientConfig> AdminConfig(const ClientSettings& settings) {
  MR_ASSIGN_OR_RETURN(ClientConfig config, ClientConfig::Make(settings, PropertyScope::kConsumers));
  MR_RETURN_IF_ERROR(SetForReading(settings, &config));
  return config;
}

QueueBounds BoundsOfQueue(const KafkaOptions& options, size_t partitions) {
  // Half of a partition's share, as the answer that fills the queue may come on top.
  const size_t share = options.fetch_bytes / std::max<size_t>(partitions, 1);
  const size_t bytes = std::max<size_t>(share / 2, 64 << 10);
  return {.bytes = bytes, .records = std::clamp<size_t>(bytes / kSmallRecordBytes, 500, 1'000'000)};
}

absl::StatusOr<ClientConfig> ReaderConfig(const ClientSettings& settings, size_t partitions) {
  MR_ASSIGN_OR_RETURN(ClientConfig config, ClientConfig::Make(settings, PropertyScope::kConsumers));
  MR_RETURN_IF_ERROR(SetForReading(settings, &config));
  const QueueBounds bounds = BoundsOfQueue(settings.options, partitions);
  const std::string fetch = absl::StrCat(std::min(bounds.bytes, kPartitionFetchBytes));
  // From 2.2 on: how soon a full queue is looked at again. Before, see KafkaReader::Nudge.
  config.SetIfKnown("fetch.queue.backoff.ms", "5");
  MR_RETURN_IF_ERROR(
      SetAll(&config, {{"queued.min.messages", absl::StrCat(bounds.records)},
                       {"queued.max.messages.kbytes", absl::StrCat(bounds.bytes >> 10)},
                       {"enable.partition.eof", "true"},
                       {"auto.offset.reset", "error"}}));
  const auto set_unless_chosen = [&](const char* name, const std::string& value) {
    if (settings.options.properties.contains(name)) return absl::OkStatus();
    return config.Set(name, value);
  };
  MR_RETURN_IF_ERROR(set_unless_chosen("max.partition.fetch.bytes", fetch));
  MR_RETURN_IF_ERROR(set_unless_chosen("check.crcs", Text(true)));
  // A trickle is taken a hundred times a second, not record by record: under steady load that
  // halves the CPU, here and at the broker, for a few milliseconds. And one Fetch per broker is
  // under way at a time, which a partition that joins waits for.
  MR_RETURN_IF_ERROR(set_unless_chosen("fetch.min.bytes", "65536"));
  MR_RETURN_IF_ERROR(set_unless_chosen("fetch.wait.max.ms", "10"));
  return config;
}

absl::StatusOr<ClientConfig> ProducerConfig(const ClientSettings& settings,
                                            const std::string& transactional_id) {
  MR_ASSIGN_OR_RETURN(ClientConfig config, ClientConfig::Make(settings, PropertyScope::kProducers));
  const KafkaOptions& options = settings.options;
  MR_RETURN_IF_ERROR(
      SetAll(&config, {{"transactional.id", transactional_id},
                       {"transaction.timeout.ms", Text(options.transaction_timeout)},
                       // The next transaction meets the end of the one before at the broker: ask
                       // again soon.
                       {"retry.backoff.ms", "20"},
                       {"queue.buffering.max.kbytes", absl::StrCat(options.produce_bytes >> 10)},
                       {"queue.buffering.max.messages",
                        absl::StrCat(std::max<size_t>(options.produce_bytes / 100, 1000))}}));
  const auto set_unless_chosen = [&](const char* name, const std::string& value) {
    if (options.properties.contains(name)) return absl::OkStatus();
    return config.Set(name, value);
  };
  MR_RETURN_IF_ERROR(set_unless_chosen("compression.type", "lz4"));
  // Nobody sees a record before its commit, and a commit waits for none of this.
  MR_RETURN_IF_ERROR(set_unless_chosen("linger.ms", "50"));
  return config;
}

}  // namespace millrace::kafka
