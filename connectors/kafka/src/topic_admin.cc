#include "connectors/kafka/src/topic_admin.h"

#include <limits>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "connectors/kafka/src/admin_call.h"
#include "millrace/status.h"

namespace millrace::kafka {
namespace {

using RdNewTopic = RdPtr<rd_kafka_NewTopic_t, rd_kafka_NewTopic_destroy>;
using RdNewPartitions = RdPtr<rd_kafka_NewPartitions_t, rd_kafka_NewPartitions_destroy>;
using RdDeleteTopic = RdPtr<rd_kafka_DeleteTopic_t, rd_kafka_DeleteTopic_destroy>;
using RdDeleteRecords = RdPtr<rd_kafka_DeleteRecords_t, rd_kafka_DeleteRecords_destroy>;
using RdConfigResource = RdPtr<rd_kafka_ConfigResource_t, rd_kafka_ConfigResource_destroy>;
using Settings = std::map<std::string, std::string>;

// Kafka Streams' size: purging and compaction work on whole segments.
constexpr char kInternalSegmentBytes[] = "52428800";

// Records of up to 64-bit times, where the broker limits them (from Kafka 3.6 on).
constexpr char kMaxFutureSetting[] = "message.timestamp.after.max.ms";

Attempt On(const std::string& verb, const std::string& acl, const std::string& topic) {
  return {absl::StrCat(verb, " topic '", topic, "'"), absl::StrCat(acl, " on topic '", topic, "'")};
}

const char* PolicyName(Cleanup cleanup) {
  switch (cleanup) {
    case Cleanup::kCompact:
      return "compact";
    case Cleanup::kCompactAndDelete:
      return "compact,delete";
    case Cleanup::kDelete:
      break;
  }
  return "delete";
}

Settings SettingsOf(const TopicConfig& config) {
  Settings settings = {
      {"cleanup.policy", PolicyName(config.cleanup)},
      {"retention.ms", absl::StrCat(config.retention.value_or(Duration(-1)).count())},
      {"retention.bytes", absl::StrCat(config.retention_bytes.value_or(-1))},
      // Event times are what the engine works on, whatever the broker's default is.
      {"message.timestamp.type", "CreateTime"},
      {kMaxFutureSetting, absl::StrCat(std::numeric_limits<int64_t>::max())},
  };
  if (config.purge_consumed) settings["segment.bytes"] = kInternalSegmentBytes;
  return settings;
}

// What the brokers say of the one topic of a request.
template <class Result, class GetTopics>
absl::Status OutcomeOf(const Result* result, GetTopics topics, const Attempt& attempt) {
  size_t count = 0;
  const rd_kafka_topic_result_t** all = topics(result, &count);
  if (count != 1) return absl::InternalError("Kafka: an answer without a topic");
  const char* detail = rd_kafka_topic_result_error_string(all[0]);
  return ToStatus(rd_kafka_topic_result_error(all[0]), attempt, detail == nullptr ? "" : detail);
}

absl::Status TryMakeTopic(Cluster* cluster, const std::string& topic, const TopicConfig& config,
                          const Settings& settings) {
  const KafkaOptions& options = cluster->settings().options;
  char reason[512] = "";
  const RdNewTopic wanted(rd_kafka_NewTopic_new(
      topic.c_str(), config.partitions, options.replication_factor, reason, sizeof(reason)));
  if (wanted == nullptr) return absl::InvalidArgumentError(absl::StrCat("Kafka: ", reason));
  for (const auto& [name, value] : settings) {
    rd_kafka_NewTopic_set_config(wanted.get(), name.c_str(), value.c_str());
  }
  Client& client = cluster->client();
  const Attempt attempt = On("create", "CREATE", topic);
  AdminCall call(&client, RD_KAFKA_ADMIN_OP_CREATETOPICS, options.request_timeout);
  rd_kafka_NewTopic_t* all[] = {wanted.get()};
  rd_kafka_CreateTopics(client.get(), all, 1, call.options(), call.queue());
  MR_ASSIGN_OR_RETURN(const RdEvent event, call.Wait(attempt));
  return OutcomeOf(rd_kafka_event_CreateTopics_result(event.get()),
                   rd_kafka_CreateTopics_result_topics, attempt);
}

std::optional<int64_t> Limit(const Settings& settings, const std::string& name) {
  int64_t number = -1;
  const auto it = settings.find(name);
  if (it == settings.end() || !absl::SimpleAtoi(it->second, &number) || number < 0) {
    return std::nullopt;
  }
  return number;
}

TopicConfig ConfigFrom(const Settings& settings, int32_t partitions) {
  TopicConfig config{.partitions = partitions};
  const auto policy = settings.find("cleanup.policy");
  const std::string text = policy == settings.end() ? "" : policy->second;
  const bool compacts = absl::StrContains(text, "compact");
  const bool deletes = absl::StrContains(text, "delete");
  config.cleanup = !compacts ? Cleanup::kDelete
                   : deletes ? Cleanup::kCompactAndDelete
                             : Cleanup::kCompact;
  if (const auto millis = Limit(settings, "retention.ms")) config.retention = Duration(*millis);
  config.retention_bytes = Limit(settings, "retention.bytes");
  return config;
}

absl::StatusOr<TopicConfig> AskTopicConfig(Cluster* cluster, const std::string& topic,
                                           int32_t partitions) {
  Client& client = cluster->client();
  const Attempt attempt = On("read the configuration of", "DESCRIBE_CONFIGS", topic);
  AdminCall call(&client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS,
                 cluster->settings().options.request_timeout);
  const RdConfigResource wanted(
      rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
  rd_kafka_ConfigResource_t* all[] = {wanted.get()};
  rd_kafka_DescribeConfigs(client.get(), all, 1, call.options(), call.queue());
  MR_ASSIGN_OR_RETURN(const RdEvent event, call.Wait(attempt));
  size_t count = 0;
  const rd_kafka_ConfigResource_t** resources = rd_kafka_DescribeConfigs_result_resources(
      rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  if (count != 1) return absl::InternalError("Kafka: an answer without a topic");
  const char* detail = rd_kafka_ConfigResource_error_string(resources[0]);
  MR_RETURN_IF_ERROR(ToStatus(rd_kafka_ConfigResource_error(resources[0]), attempt,
                              detail == nullptr ? "" : detail));
  const rd_kafka_ConfigEntry_t** entries = rd_kafka_ConfigResource_configs(resources[0], &count);
  Settings settings;
  for (size_t i = 0; i < count; ++i) {
    const char* value = rd_kafka_ConfigEntry_value(entries[i]);
    if (value != nullptr) settings.emplace(rd_kafka_ConfigEntry_name(entries[i]), value);
  }
  return ConfigFrom(settings, partitions);
}

// Somebody else may have made it just now, and it is to be used: brokers that do not know it yet
// soon will.
absl::Status Exists(Cluster* cluster, const std::string& topic) {
  cluster->Announce(topic);
  return absl::AlreadyExistsError(absl::StrCat("topic '", topic, "' exists"));
}

}  // namespace

absl::Status MakeTopic(Cluster* cluster, const std::string& topic, const TopicConfig& config) {
  if (config.partitions < 1) return absl::InvalidArgumentError("a topic needs a partition");
  // Most starts find their topics: that takes no right to make any, and a tenth of the time.
  const absl::StatusOr<bool> exists = cluster->HasTopic(topic);
  if (exists.ok() && *exists) return Exists(cluster, topic);
  Settings settings = SettingsOf(config);
  absl::Status made = TryMakeTopic(cluster, topic, config, settings);
  if (absl::IsInvalidArgument(made) &&
      absl::StrContains(std::string(made.message()), kMaxFutureSetting)) {
    settings.erase(kMaxFutureSetting);  // a broker of an age without that limit
    made = TryMakeTopic(cluster, topic, config, settings);
  }
  if (absl::IsAlreadyExists(made)) {
    MR_RETURN_IF_ERROR(cluster->AwaitTopic(topic, 1));
    return Exists(cluster, topic);
  }
  MR_RETURN_IF_ERROR(made);
  cluster->Announce(topic);
  return cluster->AwaitTopic(topic, config.partitions);
}

absl::Status WidenTopic(Cluster* cluster, const std::string& topic, int32_t partitions) {
  MR_ASSIGN_OR_RETURN(const int32_t count, cluster->PartitionCount(topic));
  if (partitions == count) return absl::OkStatus();
  if (partitions < count) {
    return absl::InvalidArgumentError(
        absl::StrCat("topic '", topic, "' has ", count, " partitions; a count never shrinks"));
  }
  char reason[512] = "";
  const RdNewPartitions wanted(rd_kafka_NewPartitions_new(
      topic.c_str(), static_cast<size_t>(partitions), reason, sizeof(reason)));
  if (wanted == nullptr) return absl::InvalidArgumentError(absl::StrCat("Kafka: ", reason));
  Client& client = cluster->client();
  const Attempt attempt = On("add partitions to", "ALTER", topic);
  AdminCall call(&client, RD_KAFKA_ADMIN_OP_CREATEPARTITIONS,
                 cluster->settings().options.request_timeout);
  rd_kafka_NewPartitions_t* all[] = {wanted.get()};
  rd_kafka_CreatePartitions(client.get(), all, 1, call.options(), call.queue());
  MR_ASSIGN_OR_RETURN(const RdEvent event, call.Wait(attempt));
  MR_RETURN_IF_ERROR(OutcomeOf(rd_kafka_event_CreatePartitions_result(event.get()),
                               rd_kafka_CreatePartitions_result_topics, attempt));
  cluster->Announce(topic);
  return cluster->AwaitTopic(topic, partitions);
}

absl::Status RemoveTopic(Cluster* cluster, const std::string& topic) {
  Client& client = cluster->client();
  const Attempt attempt = On("delete", "DELETE", topic);
  AdminCall call(&client, RD_KAFKA_ADMIN_OP_DELETETOPICS,
                 cluster->settings().options.request_timeout);
  const RdDeleteTopic wanted(rd_kafka_DeleteTopic_new(topic.c_str()));
  rd_kafka_DeleteTopic_t* all[] = {wanted.get()};
  rd_kafka_DeleteTopics(client.get(), all, 1, call.options(), call.queue());
  MR_ASSIGN_OR_RETURN(const RdEvent event, call.Wait(attempt));
  MR_RETURN_IF_ERROR(OutcomeOf(rd_kafka_event_DeleteTopics_result(event.get()),
                               rd_kafka_DeleteTopics_result_topics, attempt));
  return cluster->AwaitTopicGone(topic);
}

absl::StatusOr<TopicConfig> ReadTopicConfig(Cluster* cluster, const std::string& topic,
                                            int32_t partitions) {
  while (true) {
    const absl::StatusOr<TopicConfig> config = AskTopicConfig(cluster, topic, partitions);
    // Any broker answers, also one that has not heard of the topic yet.
    if (!absl::IsNotFound(config.status()) || !cluster->WasAnnounced(topic)) return config;
    Deadline(Duration(20)).Pause();
  }
}

absl::Status DeleteRecords(Cluster* cluster, const TopicPartition& partition, Offset offset) {
  MR_ASSIGN_OR_RETURN(const PartitionDescription bounds, cluster->FullBounds(partition));
  if (offset <= bounds.begin) return absl::OkStatus();
  const Attempt attempt = {absl::StrCat("delete records of ", partition.ToString()),
                           absl::StrCat("DELETE on topic '", partition.topic, "'")};
  const RdPartitions list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(),
                                    partition.partition.value())
      ->offset = offset > bounds.end ? RD_KAFKA_OFFSET_END : offset.value();
  Client& client = cluster->client();
  AdminCall call(&client, RD_KAFKA_ADMIN_OP_DELETERECORDS,
                 cluster->settings().options.request_timeout);
  const RdDeleteRecords wanted(rd_kafka_DeleteRecords_new(list.get()));
  rd_kafka_DeleteRecords_t* all[] = {wanted.get()};
  rd_kafka_DeleteRecords(client.get(), all, 1, call.options(), call.queue());
  MR_ASSIGN_OR_RETURN(const RdEvent event, call.Wait(attempt));
  const rd_kafka_topic_partition_list_t* done =
      rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event.get()));
  return ToStatus(done->elems[0].err, attempt);
}

}  // namespace millrace::kafka
