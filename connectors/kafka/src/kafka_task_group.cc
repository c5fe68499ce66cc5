#include "connectors/kafka/src/kafka_task_group.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "connectors/kafka/src/group_description.h"
#include "millrace/status.h"

namespace millrace::kafka {
namespace {

constexpr int kFirstGoodCooperative = 0x02060100;
constexpr int kMaxJoinsInVain = 20;
// Two processes of one instance fence each other whenever one of them has joined.
constexpr int kTwinFences = 3;
constexpr Duration kLongestClose{5000};
constexpr Duration kLongestLeave{5000};
constexpr Duration kLongestDescribe{3000};

using Kind = TaskGroupEvent::Kind;

std::vector<int32_t> NumbersOf(const rd_kafka_topic_partition_list_t* partitions,
                               const std::string& topic) {
  std::vector<int32_t> numbers;
  for (int i = 0; partitions != nullptr && i < partitions->cnt; ++i) {
    const rd_kafka_topic_partition_t& partition = partitions->elems[i];
    if (topic == partition.topic) numbers.push_back(partition.partition);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

std::chrono::nanoseconds Now() { return Clock::System()->Monotonic(); }

std::string TextOf(const char* text) { return text == nullptr ? "" : text; }

}  // namespace

std::string TaskTopic(const TaskGroupOptions& options) {
  return absl::StrCat(options.group, "-tasks-", options.plan);
}

std::string LeaversTopic(const TaskGroupOptions& options) {
  return absl::StrCat(options.group, "-tasks-leavers");
}

absl::StatusOr<std::unique_ptr<KafkaTaskGroup>> KafkaTaskGroup::Join(
    const std::shared_ptr<Cluster>& cluster, const TaskGroupOptions& options) {
  std::unique_ptr<KafkaTaskGroup> group(new KafkaTaskGroup(cluster, options));
  MR_RETURN_IF_ERROR(group->Begin());
  return group;
}

KafkaTaskGroup::KafkaTaskGroup(std::shared_ptr<Cluster> cluster, TaskGroupOptions options)
    : cluster_(std::move(cluster)), options_(std::move(options)) {}

absl::Status KafkaTaskGroup::Begin() {
  const ClientSettings& settings = cluster_->settings();
  MR_ASSIGN_OR_RETURN(ClientConfig config, ClientConfig::Make(settings, PropertyScope::kConsumers));
  const bool cooperative = rd_kafka_version() >= kFirstGoodCooperative;
  MR_RETURN_IF_ERROR(config.Set("group.id", options_.group));
  if (!options_.instance_id.empty()) {
    MR_RETURN_IF_ERROR(config.Set("group.instance.id", options_.instance_id));
  }
  MR_RETURN_IF_ERROR(
      config.Set("partition.assignment.strategy", cooperative ? "cooperative-sticky" : "range"));
  MR_RETURN_IF_ERROR(
      config.Set("session.timeout.ms", absl::StrCat(options_.session_timeout.count())));
  MR_RETURN_IF_ERROR(
      config.Set("heartbeat.interval.ms", absl::StrCat(options_.heartbeat_interval.count())));
  MR_RETURN_IF_ERROR(config.Set("enable.auto.commit", "false"));
  MR_RETURN_IF_ERROR(config.Set("enable.auto.offset.store", "false"));
  rd_kafka_conf_set_events(config.get(), RD_KAFKA_EVENT_REBALANCE);
  MR_ASSIGN_OR_RETURN(
      std::unique_ptr<Client> client,
      Client::Start(std::move(config),
                    {.type = RD_KAFKA_CONSUMER, .on_warning = settings.options.on_warning}));
  rd_kafka_poll_set_consumer(client->get());
  queue_.reset(rd_kafka_queue_get_consumer(client->get()));
  {
    const std::lock_guard lock(mutex_);
    client_ = std::move(client);
    epoch_ = {};
  }
  return Subscribe(TaskTopic(options_));
}

KafkaTaskGroup::~KafkaTaskGroup() { Close(); }

absl::Status KafkaTaskGroup::Subscribe(const std::string& topic) {
  const RdPartitions topics(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  return ToStatus(rd_kafka_subscribe(client_->get(), topics.get()),
                  {absl::StrCat("join the group '", options_.group, "'"),
                   absl::StrCat("READ on group '", options_.group, "' and topic '", topic, "'")});
}

bool KafkaTaskGroup::IsCooperative() const {
  return TextOf(rd_kafka_rebalance_protocol(client_->get())) == "COOPERATIVE";
}

absl::StatusOr<TaskGroupEvent> KafkaTaskGroup::Poll(Duration timeout) {
  if (next_.kind != Kind::kNone) return std::exchange(next_, {});
  RdEvent event(rd_kafka_queue_poll(queue_.get(), static_cast<int>(timeout.count())));
  char reason[256];
  if (const rd_kafka_resp_err_t fatal =
          rd_kafka_fatal_error(client_->get(), reason, sizeof(reason));
      fatal != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return AfterFatalError(fatal, reason);
  }
  MR_RETURN_IF_ERROR(client_->authentication());
  if (event == nullptr) return TaskGroupEvent{};
  if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_REBALANCE) {
    MR_RETURN_IF_ERROR(ReadError(event.get()));
    return TaskGroupEvent{};
  }
  const TaskGroupEvent step = ReadRebalance(event.get());
  pending_ = std::move(event);
  return step;
}

absl::StatusOr<TaskGroupEvent> KafkaTaskGroup::AfterFatalError(rd_kafka_resp_err_t code,
                                                               const char* reason) {
  const bool fenced = code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID;
  // A static member whose request to join is lost with the coordinator asks again, gets another
  // member id, and is fenced by itself; so is one whose coordinator went and left a successor that
  // knows an earlier id of it. Neither happens again and again as soon as it is assigned.
  if (fenced && assigned_) {
    const bool at_once = Now() - assigned_at_ < options_.session_timeout;
    fences_in_a_row_ = at_once ? fences_in_a_row_ + 1 : 0;
  }
  const bool has_twin = fences_in_a_row_ >= kTwinFences || joins_in_vain_ >= kMaxJoinsInVain;
  if (fenced && !has_twin) return JoinAgain();
  return absl::AbortedError(absl::StrCat(
      "group '", options_.group, "': ", reason,
      fenced ? absl::StrCat("; another process runs as instance '", options_.instance_id,
                            "': give each its own state directory")
             : ""));
}

absl::StatusOr<TaskGroupEvent> KafkaTaskGroup::JoinAgain() {
  ++joins_in_vain_;
  const std::vector<int32_t> tasks(owned_.begin(), owned_.end());
  owned_.clear();
  assigned_ = false;
  Close();
  next_ = {};
  pending_.reset();
  queue_.reset();
  MR_RETURN_IF_ERROR(Begin());
  if (tasks.empty()) return TaskGroupEvent{};
  return TaskGroupEvent{Kind::kLost, tasks, "it had to join again"};
}

// A missing right does not go away by waiting; what else goes wrong the library tries again.
absl::Status KafkaTaskGroup::ReadError(rd_kafka_event_t* event) const {
  rd_kafka_resp_err_t code = rd_kafka_event_error(event);
  if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_FETCH) {
    const rd_kafka_message_t* message = rd_kafka_event_message_next(event);
    if (message != nullptr) code = message->err;
  }
  if (code != RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED &&
      code != RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
    return absl::OkStatus();
  }
  return ToStatus(code, {absl::StrCat("join the group '", options_.group, "'"),
                         absl::StrCat("READ on group '", options_.group, "' and topic '",
                                      TaskTopic(options_), "'")});
}

TaskGroupEvent KafkaTaskGroup::ReadRebalance(rd_kafka_event_t* event) {
  const std::vector<int32_t> numbers =
      NumbersOf(rd_kafka_event_topic_partition_list(event), TaskTopic(options_));
  pending_assigns_ = rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
  if (!pending_assigns_) {
    const bool lost = rd_kafka_assignment_lost(client_->get()) != 0;
    assigned_ = false;
    for (const int32_t number : numbers) owned_.erase(number);
    return {lost ? Kind::kLost : Kind::kRevoked, numbers,
            lost ? "the group has gone on without it" : "members come or go"};
  }
  assigned_ = true;
  assigned_at_ = Now();
  joins_in_vain_ = 0;
  owned_.insert(numbers.begin(), numbers.end());
  TaskGroupEvent assigned{Kind::kAssigned, {owned_.begin(), owned_.end()}, ""};
  const absl::StatusOr<std::string> identity = IdentityNow();
  const absl::StatusOr<MemberEpoch> now =
      identity.ok() ? EpochOf(*identity) : absl::StatusOr<MemberEpoch>(identity.status());
  if (!now.ok()) return assigned;
  assigned.reason = absl::StrCat("generation ", now->generation);
  const std::lock_guard lock(mutex_);
  const bool missed =
      !IsCooperative() && epoch_.generation >= 0 && now->generation != epoch_.generation + 1;
  epoch_ = *now;
  if (!missed) return assigned;
  // The group went round once more without us, and others may have had our tasks in between.
  next_ = assigned;
  return {Kind::kLost, assigned.tasks, "a generation was missed"};
}

absl::Status KafkaTaskGroup::Acknowledge() {
  if (next_.kind != Kind::kNone || pending_ == nullptr) return absl::OkStatus();
  return Answer();
}

absl::Status KafkaTaskGroup::Answer() {
  rd_kafka_t* const client = client_->get();
  const RdEvent event = std::move(pending_);
  rd_kafka_topic_partition_list_t* const tokens = rd_kafka_event_topic_partition_list(event.get());
  // The tokens hold nothing: they are "read" from a given place, so that nobody looks for one.
  for (int i = 0; i < tokens->cnt; ++i) tokens->elems[i].offset = 0;
  const Attempt attempt{absl::StrCat("answer the group '", options_.group, "'"), ""};
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  if (IsCooperative()) {
    const RdError error(pending_assigns_ ? rd_kafka_incremental_assign(client, tokens)
                                         : rd_kafka_incremental_unassign(client, tokens));
    if (error != nullptr) code = rd_kafka_error_code(error.get());
  } else {
    code = rd_kafka_assign(client, pending_assigns_ ? tokens : nullptr);
  }
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR && pending_assigns_ && tokens->cnt > 0) {
    rd_kafka_pause_partitions(client, tokens);
  }
  return ToStatus(code, attempt);
}

absl::Status KafkaTaskGroup::Leave() {
  MR_RETURN_IF_ERROR(Subscribe(LeaversTopic(options_)));
  const std::chrono::nanoseconds deadline = Now() + kLongestLeave;
  while (Now() < deadline) {
    MR_ASSIGN_OR_RETURN(const TaskGroupEvent event, Poll(Duration(100)));
    const bool left = event.kind == Kind::kAssigned && event.tasks.empty();
    next_ = {};
    if (pending_ != nullptr) MR_RETURN_IF_ERROR(Answer());
    if (left) return absl::OkStatus();
  }
  return absl::UnavailableError(
      absl::StrCat("group '", options_.group, "' did not take the tasks of '", options_.instance_id,
                   "' in time; they go to others after the session timeout"));
}

void KafkaTaskGroup::Close() {
  if (client_ == nullptr) return;
  if (pending_ != nullptr) (void)Answer();
  const RdError error(rd_kafka_consumer_close_queue(client_->get(), queue_.get()));
  if (error != nullptr) return;
  const std::chrono::nanoseconds deadline = Now() + kLongestClose;
  while (rd_kafka_consumer_closed(client_->get()) == 0 && Now() < deadline) {
    RdEvent event(rd_kafka_queue_poll(queue_.get(), 100));
    if (event == nullptr || rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_REBALANCE) continue;
    (void)ReadRebalance(event.get());
    pending_ = std::move(event);
    (void)Answer();
  }
}

absl::StatusOr<std::string> KafkaTaskGroup::IdentityNow() const {
  std::shared_ptr<Client> client;
  {
    const std::lock_guard lock(mutex_);
    client = client_;
  }
  const RdGroupMetadata metadata(rd_kafka_consumer_group_metadata(client->get()));
  if (metadata == nullptr) return absl::UnavailableError("Kafka: no group metadata");
  return WriteIdentity(*metadata);
}

absl::StatusOr<std::string> KafkaTaskGroup::Identity() const {
  MR_ASSIGN_OR_RETURN(std::string identity, IdentityNow());
  MR_ASSIGN_OR_RETURN(const MemberEpoch now, EpochOf(identity));
  const std::lock_guard lock(mutex_);
  // Another member id than that of the assignment: thrown out and back again, tasks unknown.
  if (now.member == epoch_.member) return identity;
  return absl::UnavailableError(
      absl::StrCat("not a member of group '", options_.group, "' at the moment"));
}

absl::StatusOr<std::vector<TaskGroupMember>> KafkaTaskGroup::Members() {
  MR_ASSIGN_OR_RETURN(const GroupDescription group,
                      DescribeGroup(&cluster_->client(), options_.group, kLongestDescribe));
  const std::string topic = TaskTopic(options_);
  std::vector<TaskGroupMember> members;
  for (const GroupMember& found : group.members) {
    TaskGroupMember member{.instance_id = found.instance_id, .host = found.host};
    for (const TopicPartition& token : found.assigned) {
      if (token.topic == topic) member.tasks.push_back(token.partition.value());
    }
    const std::lock_guard lock(mutex_);
    member.is_this = found.member_id == epoch_.member;
    members.push_back(std::move(member));
  }
  return members;
}

}  // namespace millrace::kafka
