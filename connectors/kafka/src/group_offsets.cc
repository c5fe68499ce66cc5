#include "connectors/kafka/src/group_offsets.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "connectors/kafka/src/admin_call.h"
#include "connectors/kafka/src/deadline.h"
#include "millrace/status.h"

namespace millrace::kafka {
namespace {

using RdAlterOffsets =
    RdPtr<rd_kafka_AlterConsumerGroupOffsets_t, rd_kafka_AlterConsumerGroupOffsets_destroy>;

// How long one question waits before we look whether it was refused.
constexpr int kSliceMs = 1000;
// How long a look at a whole group waits for transactions that are about to move a position.
constexpr Duration kAMoment(2000);

constexpr char kMetadataPrefix[] = "millrace:";

std::string EncodeMetadata(const std::string& bytes) {
  return bytes.empty() ? "" : absl::StrCat(kMetadataPrefix, absl::Base64Escape(bytes));
}

// What somebody else has written stays as it is.
std::string DecodeMetadata(const std::string& text) {
  std::string bytes;
  const bool ours = text.starts_with(kMetadataPrefix) &&
                    absl::Base64Unescape(text.substr(sizeof(kMetadataPrefix) - 1), &bytes);
  return ours ? bytes : text;
}

Attempt OfGroup(const std::string& verb, const std::string& group, const std::string& acl) {
  return {absl::StrCat(verb, " the offsets of group '", group, "'"),
          absl::StrCat(acl, " on group '", group, "'")};
}

// A group's client keeps on looking for its coordinator, whatever the brokers say to that; what
// they said waits in its queue.
rd_kafka_resp_err_t RefusalOr(rd_kafka_resp_err_t code, Client* client) {
  while (true) {
    const RdMessage message(rd_kafka_consumer_poll(client->get(), 0));
    if (message == nullptr) return code;
    if (message->err == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED) return message->err;
  }
}

// Of a partition. A topic that was deleted meanwhile has no offsets any more.
rd_kafka_resp_err_t FirstError(const rd_kafka_topic_partition_list_t& list) {
  for (int i = 0; i < list.cnt; ++i) {
    const rd_kafka_resp_err_t code = list.elems[i].err;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR && !IsUnknownTopic(code)) return code;
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

// The library's admin request for a group's offsets breaks its memory, in 2.0.2, when the
// coordinator is one no longer or not yet; so we ask as a consumer of the group does.
absl::StatusOr<GroupOffsets> Ask(Client* client, const std::string& group,
                                 const std::vector<TopicPartition>& partitions,
                                 const Deadline& deadline) {
  const Attempt attempt = OfGroup("read", group, "DESCRIBE");
  if (partitions.empty()) return GroupOffsets();
  while (true) {
    const RdPartitions list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
    for (const TopicPartition& partition : partitions) {
      rd_kafka_topic_partition_list_add(list.get(), partition.topic.c_str(),
                                        partition.partition.value());
    }
    rd_kafka_resp_err_t code =
        rd_kafka_committed(client->get(), list.get(), deadline.LeftMs(kSliceMs));
    if (code == RD_KAFKA_RESP_ERR__TIMED_OUT) code = RefusalOr(code, client);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) code = FirstError(*list);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return FromPartitionList(*list);
    if (!IsPassing(code) || !deadline.Pause()) return client->Failure(code, attempt);
  }
}

}  // namespace

RdPartitions ToPartitionList(const GroupOffsets& offsets) {
  RdPartitions list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (const auto& [partition, committed] : offsets) {
    rd_kafka_topic_partition_t* added = rd_kafka_topic_partition_list_add(
        list.get(), partition.topic.c_str(), partition.partition.value());
    added->offset = committed.next.value();
    const std::string text = EncodeMetadata(committed.metadata);
    if (text.empty()) continue;
    added->metadata = std::malloc(text.size());  // the list frees it
    std::memcpy(added->metadata, text.data(), text.size());
    added->metadata_size = text.size();
  }
  return list;
}

GroupOffsets FromPartitionList(const rd_kafka_topic_partition_list_t& list) {
  GroupOffsets offsets;
  for (int i = 0; i < list.cnt; ++i) {
    const rd_kafka_topic_partition_t& one = list.elems[i];
    if (one.offset < 0) continue;  // nothing committed
    const std::string text(static_cast<const char*>(one.metadata), one.metadata_size);
    offsets[{one.topic, PartitionId(one.partition)}] = {Offset(one.offset), DecodeMetadata(text)};
  }
  return offsets;
}

absl::StatusOr<GroupOffsets> ReadGroupOffsets(Cluster* cluster, const std::string& group,
                                              const std::vector<TopicPartition>& partitions) {
  const KafkaOptions& options = cluster->settings().options;
  MR_ASSIGN_OR_RETURN(Client* const client, cluster->ClientOfGroup(group, /*awaits_moves=*/true));
  // A transaction that somebody left open hides them until the broker ends it.
  const Deadline deadline(std::max(options.request_timeout, options.transaction_timeout * 2));
  return Ask(client, group, partitions, deadline);
}

// All partitions are named: asked for "all", brokers (4.3) answer with the positions before the
// transactions that are about to end, and do not wait at all.
absl::StatusOr<GroupOffsets> ReadAllGroupOffsets(Cluster* cluster, const std::string& group) {
  MR_ASSIGN_OR_RETURN(const std::vector<TopicPartition> partitions, cluster->Partitions());
  MR_ASSIGN_OR_RETURN(Client* const patient, cluster->ClientOfGroup(group, /*awaits_moves=*/true));
  const absl::StatusOr<GroupOffsets> settled = Ask(patient, group, partitions, Deadline(kAMoment));
  if (settled.ok() || absl::IsPermissionDenied(settled.status())) return settled;
  MR_ASSIGN_OR_RETURN(Client* const hasty, cluster->ClientOfGroup(group, /*awaits_moves=*/false));
  return Ask(hasty, group, partitions, Deadline(cluster->settings().options.request_timeout));
}

absl::StatusOr<std::vector<std::string>> ListGroups(Cluster* cluster) {
  const Attempt attempt = {"list groups", "DESCRIBE on groups"};
  Client& client = cluster->client();
  AdminCall call(&client, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS,
                 cluster->settings().options.request_timeout);
  rd_kafka_ListConsumerGroups(client.get(), call.options(), call.queue());
  MR_ASSIGN_OR_RETURN(const RdEvent event, call.Wait(attempt));
  const auto* result = rd_kafka_event_ListConsumerGroups_result(event.get());
  size_t count = 0;
  const rd_kafka_error_t** errors = rd_kafka_ListConsumerGroups_result_errors(result, &count);
  if (count > 0) {
    return client.Failure(rd_kafka_error_code(errors[0]), attempt,
                          rd_kafka_error_string(errors[0]));
  }
  const auto** groups = rd_kafka_ListConsumerGroups_result_valid(result, &count);
  std::vector<std::string> names;
  for (size_t i = 0; i < count; ++i) {
    names.emplace_back(rd_kafka_ConsumerGroupListing_group_id(groups[i]));
  }
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status WriteGroupOffsets(Cluster* cluster, const std::string& group,
                               const GroupOffsets& offsets) {
  if (offsets.empty()) return absl::OkStatus();
  for (const auto& [partition, committed] : offsets) {
    MR_RETURN_IF_ERROR(cluster->PartitionCount(partition.topic).status());
  }
  const Attempt attempt = OfGroup("set", group, "READ");
  Client& client = cluster->client();
  const RdPartitions list = ToPartitionList(offsets);
  AdminCall call(&client, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS,
                 cluster->settings().options.request_timeout);
  const RdAlterOffsets wanted(rd_kafka_AlterConsumerGroupOffsets_new(group.c_str(), list.get()));
  rd_kafka_AlterConsumerGroupOffsets_t* all[] = {wanted.get()};
  rd_kafka_AlterConsumerGroupOffsets(client.get(), all, 1, call.options(), call.queue());
  MR_ASSIGN_OR_RETURN(const RdEvent event, call.Wait(attempt));
  size_t count = 0;
  const rd_kafka_group_result_t** groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(
      rd_kafka_event_AlterConsumerGroupOffsets_result(event.get()), &count);
  if (count != 1) return absl::InternalError("Kafka: an answer without a group");
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  if (const rd_kafka_error_t* error = rd_kafka_group_result_error(groups[0]); error != nullptr) {
    code = rd_kafka_error_code(error);
  } else {
    code = FirstError(*rd_kafka_group_result_partitions(groups[0]));
  }
  if (code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID || code == RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP) {
    return absl::FailedPreconditionError(absl::StrCat(
        "group '", group, "' has members; stop the processes of the application first"));
  }
  return ToStatus(code, attempt);
}

}  // namespace millrace::kafka
