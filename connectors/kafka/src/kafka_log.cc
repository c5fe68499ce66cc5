#include "millrace/kafka/kafka_log.h"

#include <unistd.h>

#include <atomic>
#include <random>
#include <utility>

#include "absl/strings/str_cat.h"
#include "connectors/kafka/src/cluster.h"
#include "connectors/kafka/src/group_description.h"
#include "connectors/kafka/src/group_offsets.h"
#include "connectors/kafka/src/kafka_producer.h"
#include "connectors/kafka/src/kafka_reader.h"
#include "connectors/kafka/src/kafka_task_group.h"
#include "connectors/kafka/src/record_purger.h"
#include "connectors/kafka/src/time_search.h"
#include "connectors/kafka/src/topic_admin.h"
#include "connectors/kafka/src/url.h"
#include "connectors/kafka/src/warning_filter.h"
#include "millrace/log_url.h"
#include "millrace/status.h"

namespace millrace::kafka {
namespace {

// How long a description waits for transactions that are about to end.
constexpr Duration kOpenTransactions(1000);

// For producers that nobody gave one: commits are atomic with every producer.
std::string AnyTransactionalId() {
  static std::atomic<int> count{0};
  static const unsigned process = std::random_device()();
  return absl::StrCat("millrace-", ::getpid(), "-", process, "-", ++count);
}

class KafkaLog : public Log {
 public:
  explicit KafkaLog(std::unique_ptr<Cluster> cluster)
      : cluster_(std::move(cluster)), purger_(std::make_shared<RecordPurger>(cluster_.get())) {}

  absl::Status CreateTopic(const std::string& topic, const TopicConfig& config) override {
    return MakeTopic(cluster_.get(), topic, config);
  }
  absl::Status AddPartitions(const std::string& topic, int32_t count) override {
    return WidenTopic(cluster_.get(), topic, count);
  }
  absl::Status DeleteTopic(const std::string& topic) override {
    return RemoveTopic(cluster_.get(), topic);
  }
  absl::StatusOr<TopicDescription> DescribeTopic(const std::string& topic) override {
    TopicDescription description;
    description.name = topic;
    MR_ASSIGN_OR_RETURN(description.partitions, cluster_->Bounds(topic, kOpenTransactions));
    MR_ASSIGN_OR_RETURN(description.config,
                        ReadTopicConfig(cluster_.get(), topic,
                                        static_cast<int32_t>(description.partitions.size())));
    return description;
  }
  absl::StatusOr<TopicConfig> DescribeConfig(const std::string& topic) override {
    MR_ASSIGN_OR_RETURN(const int32_t partitions, cluster_->PartitionCount(topic));
    return ReadTopicConfig(cluster_.get(), topic, partitions);
  }
  absl::StatusOr<std::vector<PartitionDescription>> DescribePartitions(
      const std::string& topic) override {
    return cluster_->Bounds(topic, Duration(0));
  }
  absl::StatusOr<PartitionDescription> DescribeSettled(const TopicPartition& partition) override {
    // As long as a broker lets a transaction be open, and as it takes to notice.
    return cluster_->SettledBounds(partition, 2 * cluster_->settings().options.transaction_timeout);
  }
  absl::StatusOr<std::vector<std::string>> ListTopics() override { return cluster_->Topics(); }
  absl::StatusOr<Offset> OffsetForTime(const TopicPartition& partition, Timestamp time) override {
    MR_ASSIGN_OR_RETURN(const std::unique_ptr<LogReader> reader, NewReader());
    return FindTime(cluster_.get(), reader.get(), partition, time);
  }
  absl::Status DeleteRecordsBefore(const TopicPartition& partition, Offset offset) override {
    return DeleteRecords(cluster_.get(), partition, offset);
  }

  absl::StatusOr<GroupOffsets> CommittedOffsets(const std::string& group) override {
    return ReadAllGroupOffsets(cluster_.get(), group);
  }
  absl::StatusOr<GroupOffsets> CommittedOffsetsOf(
      const std::string& group, const std::vector<TopicPartition>& partitions) override {
    return ReadGroupOffsets(cluster_.get(), group, partitions);
  }
  absl::StatusOr<std::vector<std::string>> ListGroups() override {
    return kafka::ListGroups(cluster_.get());
  }
  absl::Status ResetOffsets(const std::string& group, const GroupOffsets& offsets) override {
    return WriteGroupOffsets(cluster_.get(), group, offsets);
  }

  absl::StatusOr<std::unique_ptr<LogReader>> NewReader() override {
    return std::unique_ptr<LogReader>(
        std::make_unique<KafkaReader>(cluster_, cluster_->settings().options.on_warning));
  }
  absl::StatusOr<std::unique_ptr<LogProducer>> NewProducer(
      const ProducerOptions& options) override {
    const std::string& id = options.transactional_id;
    MR_ASSIGN_OR_RETURN(
        std::unique_ptr<KafkaProducer> producer,
        KafkaProducer::Open({cluster_, purger_}, id.empty() ? AnyTransactionalId() : id));
    return std::unique_ptr<LogProducer>(std::move(producer));
  }

  absl::StatusOr<GroupDescription> DescribeGroup(const std::string& group) override {
    return kafka::DescribeGroup(&cluster_->client(), group,
                                cluster_->settings().options.request_timeout);
  }
  bool HasTaskGroups() const override { return true; }
  absl::StatusOr<std::unique_ptr<TaskGroup>> JoinTaskGroup(
      const TaskGroupOptions& options) override {
    MR_RETURN_IF_ERROR(MakeIfMissing(TaskTopic(options), options.tasks));
    MR_RETURN_IF_ERROR(MakeIfMissing(LeaversTopic(options), 1));
    MR_ASSIGN_OR_RETURN(std::unique_ptr<KafkaTaskGroup> group,
                        KafkaTaskGroup::Join(cluster_, options));
    return std::unique_ptr<TaskGroup>(std::move(group));
  }

 private:
  absl::Status MakeIfMissing(const std::string& topic, int32_t partitions) {
    const absl::Status made =
        CreateTopic(topic, {.partitions = partitions, .cleanup = Cleanup::kCompact});
    return absl::IsAlreadyExists(made) ? absl::OkStatus() : made;
  }

  const std::shared_ptr<Cluster> cluster_;
  const std::shared_ptr<RecordPurger> purger_;
};

void WarnOfPlaintext(const ClientSettings& settings) {
  const auto it = settings.options.properties.find("security.protocol");
  const std::string protocol = it == settings.options.properties.end() ? "" : it->second;
  const bool encrypted =
      protocol == "ssl" || protocol == "sasl_ssl" || protocol == "SSL" || protocol == "SASL_SSL";
  if (encrypted || IsLoopback(settings.brokers) || !settings.options.on_warning) return;
  settings.options.on_warning(
      absl::StrCat("Kafka: the connection to ", settings.brokers,
                   " is not encrypted; set security.protocol to SSL or SASL_SSL"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Log>> OpenKafkaLog(const std::string& url,
                                                  const KafkaOptions& options) {
  ClientSettings settings{.options = options};
  MR_ASSIGN_OR_RETURN(settings.brokers, BrokersOfUrl(url));
  if (options.on_warning) {
    const auto filter = std::make_shared<WarningFilter>(options.on_warning);
    settings.options.on_warning = [filter](std::string_view line) { filter->Warn(line); };
  }
  WarnOfPlaintext(settings);
  MR_ASSIGN_OR_RETURN(std::unique_ptr<Cluster> cluster, Cluster::Connect(settings));
  return std::unique_ptr<Log>(std::make_unique<KafkaLog>(std::move(cluster)));
}

void RegisterKafkaScheme(const KafkaOptions& options) {
  RegisterLogScheme("kafka",
                    [options](const std::string& url) { return OpenKafkaLog(url, options); });
}

}  // namespace millrace::kafka
