// The configurations of the client library's instances: what every one needs, then what its job
// needs. The properties that people set pass through here, and only here.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "connectors/kafka/src/rd_types.h"
#include "millrace/kafka/kafka_log.h"

namespace millrace::kafka {

// Which instances a property that may be set from outside is for.
enum class PropertyScope { kNone, kAll, kConsumers, kProducers };
PropertyScope ScopeOfProperty(const std::string& name);

// Where the brokers are, and how to talk to them.
struct ClientSettings {
  std::string brokers;  // host:port,host:port
  KafkaOptions options;
};

// A configuration on its way into Client::Open.
class ClientConfig {
 public:
  // With the properties for all instances and those for `scope`. InvalidArgument names the
  // property, never its value.
  static absl::StatusOr<ClientConfig> Make(const ClientSettings& settings, PropertyScope scope);

  absl::Status Set(const char* name, const std::string& value);
  // For properties that older libraries do not know: false then.
  bool SetIfKnown(const char* name, const std::string& value);

  rd_kafka_conf_t* get() const { return config_.get(); }
  rd_kafka_conf_t* release() { return config_.release(); }

 private:
  explicit ClientConfig(RdConfig config) : config_(std::move(config)) {}

  RdConfig config_;
};

// For questions: topics, offsets, groups. Belongs to no group and reads nothing.
absl::StatusOr<ClientConfig> AdminConfig(const ClientSettings& settings);
// How much is fetched ahead of a partition at most, beside one more answer of a broker.
struct QueueBounds {
  size_t bytes;
  size_t records;
};
QueueBounds BoundsOfQueue(const KafkaOptions& options, size_t partitions);
// For reading `partitions` partitions, given one by one, without a group.
absl::StatusOr<ClientConfig> ReaderConfig(const ClientSettings& settings, size_t partitions);
// For transactions.
absl::StatusOr<ClientConfig> ProducerConfig(const ClientSettings& settings,
                                            const std::string& transactional_id);

}  // namespace millrace::kafka
