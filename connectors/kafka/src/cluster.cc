#include "connectors/kafka/src/cluster.h"

#include <algorithm>
#include <functional>
#include <set>

#include "absl/strings/str_cat.h"
#include "connectors/kafka/src/deadline.h"
#include "millrace/status.h"

namespace millrace::kafka {
namespace {

constexpr int kFirstPatienceMs = 1000;
constexpr int kLongestPatienceMs = 16'000;

// Times that the protocol takes for places.
constexpr int64_t kBeginTime = -2;
constexpr int64_t kEndTime = -1;

constexpr std::chrono::seconds kNewsTravels(10);

bool IsKafkasOwn(const std::string& topic) {
  static const auto* const own =
      new std::set<std::string>{"__consumer_offsets", "__transaction_state", "__share_group_state",
                                "__cluster_metadata", "__remote_log_metadata"};
  return own->contains(topic);
}

// A topic of the people who use Kafka.
bool IsUsers(const rd_kafka_metadata_topic_t& topic) {
  return topic.err == RD_KAFKA_RESP_ERR_NO_ERROR && !IsKafkasOwn(topic.topic);
}

std::string Quoted(const std::string& topic) { return absl::StrCat("'", topic, "'"); }

absl::Status NoTopic(const std::string& topic) {
  return absl::NotFoundError(absl::StrCat("unknown topic ", Quoted(topic)));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Cluster>> Cluster::Connect(const ClientSettings& settings) {
  MR_ASSIGN_OR_RETURN(ClientConfig config, AdminConfig(settings));
  MR_ASSIGN_OR_RETURN(
      std::unique_ptr<Client> client,
      Client::Start(std::move(config), {.type = RD_KAFKA_CONSUMER, .on_warning = nullptr}));
  std::unique_ptr<Cluster> cluster(new Cluster(settings, std::move(client)));
  MR_RETURN_IF_ERROR(cluster->Reach());
  return cluster;
}

absl::Status Cluster::Reach() {
  const Deadline deadline(settings_.options.connect_timeout);
  const Attempt attempt{absl::StrCat("reach a broker at ", settings_.brokers), ""};
  // Of a topic that nobody has, so that nothing is listed.
  const RdTopic topic(rd_kafka_topic_new(client_->get(), "__millrace-deployments", nullptr));
  return AskMetadata(client_.get(), topic.get(), attempt, deadline).status();
}

absl::StatusOr<TopicView> Cluster::Look(Client* client, const std::string& topic) {
  const RdTopic handle(rd_kafka_topic_new(client->get(), topic.c_str(), nullptr));
  if (handle == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(Quoted(topic), " is no name of a topic"));
  }
  return LookAt(client, handle.get(), Deadline(settings_.options.request_timeout));
}

absl::StatusOr<bool> Cluster::HasTopic(const std::string& topic) {
  {
    std::lock_guard lock(mutex_);
    const auto it = deleted_.find(topic);
    if (it != deleted_.end() && Clock::System()->Monotonic() < it->second) return false;
  }
  MR_ASSIGN_OR_RETURN(const TopicView view, Look(client_.get(), topic));
  return view.partitions > 0 && view.leaders == view.partitions;
}

absl::StatusOr<int32_t> Cluster::PartitionCount(const std::string& topic) {
  while (true) {
    MR_ASSIGN_OR_RETURN(const TopicView view, Look(client_.get(), topic));
    if (view.partitions > 0) return view.partitions;
    if (!WasAnnounced(topic)) return NoTopic(topic);
    Deadline(Duration(20)).Pause();
  }
}

absl::StatusOr<RdMetadata> Cluster::AskAll() {
  return AskMetadata(client_.get(), nullptr, {"list topics", "DESCRIBE on topics"},
                     Deadline(settings_.options.request_timeout));
}

absl::StatusOr<std::vector<std::string>> Cluster::Topics() {
  MR_ASSIGN_OR_RETURN(const RdMetadata metadata, AskAll());
  std::vector<std::string> names;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    if (IsUsers(metadata->topics[i])) names.emplace_back(metadata->topics[i].topic);
  }
  std::sort(names.begin(), names.end());
  return names;
}

absl::StatusOr<std::vector<TopicPartition>> Cluster::Partitions() {
  MR_ASSIGN_OR_RETURN(const RdMetadata metadata, AskAll());
  std::vector<TopicPartition> partitions;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const rd_kafka_metadata_topic_t& topic = metadata->topics[i];
    for (int p = 0; IsUsers(topic) && p < topic.partition_cnt; ++p) {
      partitions.push_back({topic.topic, PartitionId(topic.partitions[p].id)});
    }
  }
  return partitions;
}

absl::StatusOr<Client*> Cluster::ClientOfGroup(const std::string& group, bool awaits_moves) {
  std::lock_guard lock(mutex_);
  std::unique_ptr<Client>& client = of_groups_[{group, awaits_moves}];
  if (client == nullptr) {
    ClientSettings settings = settings_;
    settings.options.read_uncommitted = !awaits_moves;
    MR_ASSIGN_OR_RETURN(ClientConfig config, AdminConfig(settings));
    MR_RETURN_IF_ERROR(config.Set("group.id", group));
    MR_ASSIGN_OR_RETURN(client, Client::Start(std::move(config),
                                              {.type = RD_KAFKA_CONSUMER, .on_warning = nullptr}));
  }
  return client.get();
}

absl::StatusOr<Client*> Cluster::SeesAll() {
  std::lock_guard lock(mutex_);
  if (sees_all_ == nullptr) {
    ClientSettings settings = settings_;
    settings.options.read_uncommitted = true;
    MR_ASSIGN_OR_RETURN(ClientConfig config, AdminConfig(settings));
    MR_ASSIGN_OR_RETURN(sees_all_, Client::Start(std::move(config), {.type = RD_KAFKA_CONSUMER,
                                                                     .on_warning = nullptr}));
  }
  return sees_all_.get();
}

absl::StatusOr<std::vector<Offset>> Cluster::OffsetsAt(Client* client, const std::string& topic,
                                                       const std::vector<PartitionId>& partitions,
                                                       int64_t time) {
  const Attempt attempt{absl::StrCat("find offsets of topic ", Quoted(topic)),
                        absl::StrCat("DESCRIBE on topic ", Quoted(topic))};
  const Deadline deadline(settings_.options.request_timeout);
  // A broker that is gone does not say that the leader is elsewhere: the library would wait for it.
  for (int patience_ms = kFirstPatienceMs;;
       patience_ms = std::min(2 * patience_ms, kLongestPatienceMs)) {
    const RdPartitions list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
    for (const PartitionId partition : partitions) {
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition.value())->offset =
          time;
    }
    rd_kafka_resp_err_t code =
        rd_kafka_offsets_for_times(client->get(), list.get(), deadline.LeftMs(patience_ms));
    std::vector<Offset> offsets;
    for (int i = 0; i < list->cnt && code == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
      code = list->elems[i].err;
      offsets.emplace_back(list->elems[i].offset);
    }
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return offsets;
    if (IsUnknownTopic(code) && !WasAnnounced(topic)) return NoTopic(topic);
    if (!IsPassing(code) && !IsUnknownTopic(code)) return client->Failure(code, attempt);
    // Having once heard that there is no such topic, the library believes it for half a minute,
    // unless it hears otherwise. Nor does it ask anew where the leader of a partition went that it
    // does not consume.
    const absl::Status looked = Look(client, topic).status();
    if (IsUnknownTopic(code)) MR_RETURN_IF_ERROR(looked);
    if (!deadline.Pause()) return client->Failure(code, attempt);
  }
}

absl::StatusOr<std::vector<Offset>> Cluster::AwaitEnds(const std::string& topic,
                                                       const std::vector<PartitionId>& partitions,
                                                       Duration patience, bool* settled) {
  MR_ASSIGN_OR_RETURN(Client* const sees_all, SeesAll());
  MR_ASSIGN_OR_RETURN(const std::vector<Offset> written,
                      OffsetsAt(sees_all, topic, partitions, kEndTime));
  if (settings_.options.read_uncommitted) {
    *settled = true;
    return written;
  }
  const Deadline deadline(patience);
  while (true) {
    MR_ASSIGN_OR_RETURN(std::vector<Offset> readable,
                        OffsetsAt(client_.get(), topic, partitions, kEndTime));
    *settled =
        std::equal(readable.begin(), readable.end(), written.begin(), std::greater_equal<>());
    if (*settled || !deadline.Pause(Duration(2))) return readable;
  }
}

absl::StatusOr<std::vector<PartitionDescription>> Cluster::Bounds(const std::string& topic,
                                                                  Duration patience) {
  MR_ASSIGN_OR_RETURN(const int32_t count, PartitionCount(topic));
  std::vector<PartitionId> partitions;
  for (int32_t i = 0; i < count; ++i) partitions.emplace_back(i);
  bool settled = false;
  MR_ASSIGN_OR_RETURN(const std::vector<Offset> ends,
                      AwaitEnds(topic, partitions, patience, &settled));
  MR_ASSIGN_OR_RETURN(const std::vector<Offset> begins,
                      OffsetsAt(client_.get(), topic, partitions, kBeginTime));
  std::vector<PartitionDescription> bounds;
  for (size_t i = 0; i < partitions.size(); ++i) {
    // Records may be deleted between the two questions.
    bounds.push_back({begins[i], std::max(begins[i], ends[i])});
  }
  return bounds;
}

absl::Status Cluster::CheckPartition(const TopicPartition& partition) {
  MR_ASSIGN_OR_RETURN(const int32_t count, PartitionCount(partition.topic));
  if (partition.partition.value() >= 0 && partition.partition.value() < count) {
    return absl::OkStatus();
  }
  return absl::NotFoundError(absl::StrCat("topic ", Quoted(partition.topic), " has no partition ",
                                          partition.partition.value()));
}

absl::StatusOr<PartitionDescription> Cluster::SettledBounds(const TopicPartition& partition,
                                                            Duration patience) {
  MR_RETURN_IF_ERROR(CheckPartition(partition));
  const std::vector<PartitionId> one = {partition.partition};
  bool settled = false;
  MR_ASSIGN_OR_RETURN(const std::vector<Offset> end,
                      AwaitEnds(partition.topic, one, patience, &settled));
  if (!settled) {
    return absl::UnavailableError(absl::StrCat("Kafka: a transaction of somebody else is open in ",
                                               partition.ToString(), " since more than ",
                                               patience.count(), " ms"));
  }
  MR_ASSIGN_OR_RETURN(const std::vector<Offset> begin,
                      OffsetsAt(client_.get(), partition.topic, one, kBeginTime));
  return PartitionDescription{begin[0], std::max(begin[0], end[0])};
}

absl::StatusOr<PartitionDescription> Cluster::FullBounds(const TopicPartition& partition) {
  MR_RETURN_IF_ERROR(CheckPartition(partition));
  MR_ASSIGN_OR_RETURN(Client* const sees_all, SeesAll());
  const std::vector<PartitionId> one = {partition.partition};
  MR_ASSIGN_OR_RETURN(const std::vector<Offset> begin,
                      OffsetsAt(sees_all, partition.topic, one, kBeginTime));
  MR_ASSIGN_OR_RETURN(const std::vector<Offset> end,
                      OffsetsAt(sees_all, partition.topic, one, kEndTime));
  return PartitionDescription{begin[0], std::max(begin[0], end[0])};
}

absl::StatusOr<std::optional<Offset>> Cluster::NotBefore(const TopicPartition& partition,
                                                         Timestamp time) {
  MR_RETURN_IF_ERROR(CheckPartition(partition));
  // Negative times mean places; every record that has a time at all is behind them.
  const int64_t millis = std::max<int64_t>(ToMillis(time), 0);
  MR_ASSIGN_OR_RETURN(const std::vector<Offset> found,
                      OffsetsAt(client_.get(), partition.topic, {partition.partition}, millis));
  return found[0].value() < 0 ? std::nullopt : std::optional<Offset>(found[0]);
}

void Cluster::Announce(const std::string& topic) {
  std::lock_guard lock(mutex_);
  announced_[topic] = Clock::System()->Monotonic() + kNewsTravels;
}

bool Cluster::WasAnnounced(const std::string& topic) {
  std::lock_guard lock(mutex_);
  const auto it = announced_.find(topic);
  if (it == announced_.end()) return false;
  if (Clock::System()->Monotonic() < it->second) return true;
  announced_.erase(it);
  return false;
}

absl::Status Cluster::AwaitTopic(const std::string& topic, int32_t partitions) {
  const Deadline deadline(settings_.options.request_timeout);
  while (true) {
    MR_ASSIGN_OR_RETURN(const TopicView view, Look(client_.get(), topic));
    if (view.partitions >= partitions && view.leaders == view.partitions) return absl::OkStatus();
    if (!deadline.Pause(Duration(5))) {
      return absl::UnavailableError(absl::StrCat("Kafka: topic ", Quoted(topic), " is made, and ",
                                                 partitions - view.leaders,
                                                 " of its partitions have no leader"));
    }
  }
}

absl::Status Cluster::AwaitTopicGone(const std::string& topic) {
  {
    std::lock_guard lock(mutex_);
    announced_.erase(topic);
    deleted_[topic] = Clock::System()->Monotonic() + kNewsTravels;
  }
  const Deadline deadline(settings_.options.request_timeout);
  while (true) {
    MR_ASSIGN_OR_RETURN(const TopicView view, Look(client_.get(), topic));
    if (view.partitions == 0) return absl::OkStatus();
    if (!deadline.Pause(Duration(5))) {
      return absl::UnavailableError(
          absl::StrCat("Kafka: topic ", Quoted(topic), " is deleted, and still there"));
    }
  }
}

}  // namespace millrace::kafka
