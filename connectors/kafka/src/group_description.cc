#include "connectors/kafka/src/group_description.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "connectors/kafka/src/admin_call.h"
#include "millrace/status.h"

namespace millrace::kafka {
namespace {

std::string TextOf(const char* text) { return text == nullptr ? "" : text; }

GroupMember ReadMember(const rd_kafka_MemberDescription_t* member) {
  GroupMember description;
  description.member_id = TextOf(rd_kafka_MemberDescription_consumer_id(member));
  description.instance_id = TextOf(rd_kafka_MemberDescription_group_instance_id(member));
  description.host = TextOf(rd_kafka_MemberDescription_host(member));
  const rd_kafka_MemberAssignment_t* assignment = rd_kafka_MemberDescription_assignment(member);
  if (assignment == nullptr) return description;
  const rd_kafka_topic_partition_list_t* partitions =
      rd_kafka_MemberAssignment_partitions(assignment);
  for (int i = 0; partitions != nullptr && i < partitions->cnt; ++i) {
    const rd_kafka_topic_partition_t& partition = partitions->elems[i];
    description.assigned.push_back({partition.topic, PartitionId(partition.partition)});
  }
  return description;
}

}  // namespace

absl::StatusOr<GroupDescription> DescribeGroup(Client* client, const std::string& group,
                                               Duration timeout) {
  const Attempt attempt{absl::StrCat("describe group '", group, "'"),
                        absl::StrCat("DESCRIBE on group '", group, "'")};
  AdminCall call(client, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS, timeout);
  const char* names[] = {group.c_str()};
  rd_kafka_DescribeConsumerGroups(client->get(), names, 1, call.options(), call.queue());
  MR_ASSIGN_OR_RETURN(const RdEvent event, call.Wait(attempt));
  size_t count = 0;
  const rd_kafka_ConsumerGroupDescription_t** groups =
      rd_kafka_DescribeConsumerGroups_result_groups(
          rd_kafka_event_DescribeConsumerGroups_result(event.get()), &count);
  if (count != 1)
    return absl::InternalError(absl::StrCat(attempt.what, ": no answer in the reply"));
  if (const rd_kafka_error_t* failed = rd_kafka_ConsumerGroupDescription_error(groups[0]);
      failed != nullptr) {
    return ToStatus(rd_kafka_error_code(failed), attempt, TextOf(rd_kafka_error_string(failed)));
  }
  GroupDescription description;
  description.state =
      rd_kafka_consumer_group_state_name(rd_kafka_ConsumerGroupDescription_state(groups[0]));
  description.assignor = TextOf(rd_kafka_ConsumerGroupDescription_partition_assignor(groups[0]));
  for (size_t i = 0; i < rd_kafka_ConsumerGroupDescription_member_count(groups[0]); ++i) {
    description.members.push_back(
        ReadMember(rd_kafka_ConsumerGroupDescription_member(groups[0], i)));
  }
  return description;
}

}  // namespace millrace::kafka
