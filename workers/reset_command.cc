#include <algorithm>
#include <filesystem>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "group_commands.h"
#include "millrace/status.h"
#include "runtime/deployment_log.h"
#include "runtime/task_plan.h"
#include "topic_commands.h"

namespace millrace::worker {
namespace {

// What a reset does, found out before any of it is done.
struct ResetPlan {
  GroupOffsets inputs;
  GroupOffsets before;
  std::vector<std::string> topics;  // to delete
  std::string state;                // directory to delete; empty: there is none
};

absl::Status CheckStopped(const std::string& application, const WorkerHost& host) {
  MR_ASSIGN_OR_RETURN(const GroupDescription group, host.log.DescribeGroup(application));
  std::vector<std::string> members;
  for (const GroupMember& member : group.members) {
    members.push_back(absl::StrCat(
        member.instance_id.empty() ? member.member_id : member.instance_id, " on ", member.host));
  }
  if (!members.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "application '", application, "' has ", members.size(), " members (",
        absl::StrJoin(members, ", "), "): stop them all, and wait until their session has ended"));
  }
  const bool runs = std::any_of(host.engines.begin(), host.engines.end(), [&](const auto& engine) {
    return engine->application_id() == application;
  });
  if (!runs) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("application '", application, "' runs on this log: stop its worker first"));
}

// The topics that are the application's own, as its last start recorded them.
absl::StatusOr<std::vector<std::string>> InternalTopics(const std::string& application, Log& log) {
  std::set<std::string> own;
  MR_ASSIGN_OR_RETURN(const std::optional<Deployment> deployed, ReadDeployment(&log, application));
  if (deployed.has_value()) {
    for (const DeployedStore& store : deployed->stores) {
      own.insert(ChangelogTopicName(application, store.name));
    }
    for (const DeployedRepartition& topic : deployed->repartitions) {
      own.insert(RealTopicName(application, {topic.name, /*internal=*/true}));
    }
  }
  MR_ASSIGN_OR_RETURN(const std::vector<std::string> all, log.ListTopics());
  std::vector<std::string> topics;
  for (const std::string& topic : all) {
    if (own.contains(topic) || absl::StartsWith(topic, application + "-tasks-")) {
      topics.push_back(topic);
    }
  }
  return topics;
}

absl::StatusOr<Offset> PointIn(const TopicPartition& partition, const TopicDescription& topic,
                               const std::string& to, Log& log) {
  const auto& bounds = topic.partitions.at(static_cast<size_t>(partition.partition.value()));
  int64_t offset = 0;
  if (to == "beginning") return bounds.begin;
  if (to == "end") return bounds.end;
  if (absl::SimpleAtoi(to, &offset)) {
    return std::clamp(Offset(offset), bounds.begin, bounds.end);
  }
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, to, &time, &error)) {
    return absl::InvalidArgumentError(absl::StrCat("'", to, "' is no point to reset to: ", error));
  }
  return log.OffsetForTime(partition, TimestampFromMillis(absl::ToUnixMillis(time)));
}

absl::Status AddInputs(const ResetCommand& command, const std::vector<std::string>& internal,
                       Log& log, ResetPlan* plan) {
  MR_ASSIGN_OR_RETURN(plan->before, log.CommittedOffsets(command.application_id));
  const auto contains = [](const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
  };
  std::set<std::string> inputs;
  for (const auto& [partition, position] : plan->before) {
    if (contains(internal, partition.topic)) continue;
    inputs.insert(partition.topic);
    if (!command.topics.empty() && !contains(command.topics, partition.topic)) continue;
    absl::StatusOr<TopicDescription> topic = log.DescribeTopic(partition.topic);
    if (absl::IsNotFound(topic.status())) continue;
    MR_RETURN_IF_ERROR(topic.status());
    MR_ASSIGN_OR_RETURN(const Offset to, PointIn(partition, *topic, command.to, log));
    plan->inputs[partition] = {to, ""};
  }
  for (const std::string& topic : command.topics) {
    if (inputs.contains(topic)) continue;
    return absl::NotFoundError(absl::StrCat("application '", command.application_id,
                                            "' has no position in topic '", topic,
                                            "'; its inputs are: ", absl::StrJoin(inputs, ", ")));
  }
  return absl::OkStatus();
}

absl::StatusOr<ResetPlan> PlanReset(const ResetCommand& command, const WorkerHost& host) {
  MR_RETURN_IF_ERROR(CheckStopped(command.application_id, host));
  ResetPlan plan;
  MR_ASSIGN_OR_RETURN(plan.topics, InternalTopics(command.application_id, host.log));
  MR_RETURN_IF_ERROR(AddInputs(command, plan.topics, host.log, &plan));
  const std::string state = absl::StrCat(host.state_directory, "/", command.application_id);
  if (std::filesystem::exists(state)) plan.state = state;
  if (plan.before.empty() && plan.topics.empty() && plan.state.empty()) {
    MR_ASSIGN_OR_RETURN(const std::vector<std::string> groups, host.log.ListGroups());
    return absl::NotFoundError(absl::StrCat(
        "there is nothing of an application '", command.application_id, "' here; ",
        groups.empty() ? "none has run" : "there are: " + absl::StrJoin(groups, ", ")));
  }
  return plan;
}

std::string Describe(const ResetPlan& plan) {
  std::string out;
  for (const auto& [partition, position] : plan.inputs) {
    absl::StrAppend(&out, "input   ", partition.ToString(), "  ",
                    plan.before.at(partition).next.value(), " -> ", position.next.value(), "\n");
  }
  for (const std::string& topic : plan.topics) absl::StrAppend(&out, "delete  topic ", topic, "\n");
  if (!plan.state.empty()) absl::StrAppend(&out, "delete  state ", plan.state, "\n");
  return out;
}

// State first: a reset that was interrupted is repeated, and finds the rest.
absl::Status Carry(const ResetCommand& command, const ResetPlan& plan, Log& log) {
  std::error_code error;
  if (!plan.state.empty()) std::filesystem::remove_all(plan.state, error);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat("cannot delete ", plan.state, ": ", error.message()));
  }
  for (const std::string& topic : plan.topics) MR_RETURN_IF_ERROR(log.DeleteTopic(topic));
  MR_RETURN_IF_ERROR(log.ResetOffsets(command.application_id, plan.inputs));
  return ForgetDeployment(&log, command.application_id);
}

absl::Status Reset(const ResetCommand& command, const WorkerHost& host, CommandIo& io) {
  MR_ASSIGN_OR_RETURN(const ResetPlan plan, PlanReset(command, host));
  io.Write(Describe(plan));
  if (command.dry_run) {
    io.WriteError("nothing was done; without --dry-run this is what happens\n");
    return absl::OkStatus();
  }
  MR_RETURN_IF_ERROR(Carry(command, plan, host.log));
  io.WriteError(absl::StrCat("application '", command.application_id, "' is reset\n"));
  return absl::OkStatus();
}

}  // namespace

int ResetApplication(const ResetCommand& command, WorkerHost& host, CommandIo& io) {
  const absl::Status status = Reset(command, host, io);
  return status.ok() ? 0 : Fail(io, status);
}

}  // namespace millrace::worker
