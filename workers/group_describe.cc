#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "group_commands.h"
#include "millrace/status.h"
#include "topic_commands.h"

namespace millrace::worker {
namespace {

struct InputLag {
  TopicPartition partition;
  Offset committed;
  Offset end;
  std::optional<double> seconds;  // age of the first record that is not consumed

  int64_t records() const { return std::max<int64_t>(0, end - committed); }
};

// The timestamp of the record at or behind `offset`, unless there is none.
std::optional<Timestamp> TimeAt(LogReader* reader, const TopicPartition& partition, Offset offset) {
  constexpr int kAttempts = 40;
  if (!reader->Assign(partition, offset).ok()) return std::nullopt;
  std::optional<Timestamp> time;
  for (int i = 0; i < kAttempts && !time.has_value(); ++i) {
    const absl::StatusOr<RecordBatch> batch = reader->Fetch(partition, 1);
    if (!batch.ok() || (batch->empty() && batch->next_offset > offset)) break;
    if (batch->empty()) reader->Wait(Duration(50));
    if (!batch->empty()) time = batch->records.front().timestamp;
  }
  reader->Unassign(partition);
  return time;
}

absl::StatusOr<std::vector<InputLag>> LagOf(const std::string& application, Log& log) {
  MR_ASSIGN_OR_RETURN(const GroupOffsets committed, log.CommittedOffsets(application));
  MR_ASSIGN_OR_RETURN(const std::unique_ptr<LogReader> reader, log.NewReader());
  std::map<std::string, TopicDescription> topics;
  std::vector<InputLag> lags;
  for (const auto& [partition, position] : committed) {
    if (!topics.contains(partition.topic)) {
      absl::StatusOr<TopicDescription> topic = log.DescribeTopic(partition.topic);
      if (absl::IsNotFound(topic.status())) continue;
      MR_RETURN_IF_ERROR(topic.status());
      topics[partition.topic] = *std::move(topic);
    }
    const auto& bounds =
        topics[partition.topic].partitions.at(static_cast<size_t>(partition.partition.value()));
    InputLag lag{partition, position.next, bounds.end, std::nullopt};
    if (lag.records() > 0) {
      const auto time = TimeAt(reader.get(), partition, std::max(lag.committed, bounds.begin));
      // What is left may be nothing but markers of transactions.
      if (!time.has_value()) lag.end = lag.committed;
      if (time.has_value()) {
        lag.seconds = std::chrono::duration<double>(Clock::System()->Now() - *time).count();
      }
    }
    lags.push_back(lag);
  }
  return lags;
}

// The numbers of a member's tasks.
std::vector<int32_t> TasksOf(const GroupMember& member, const std::string& application) {
  std::vector<int32_t> tasks;
  for (const TopicPartition& token : member.assigned) {
    if (absl::StartsWith(token.topic, application + "-tasks-")) {
      tasks.push_back(token.partition.value());
    }
  }
  return tasks;
}

std::string AsText(const std::string& application, const GroupDescription& group,
                   const std::vector<InputLag>& lags) {
  std::string out = absl::StrFormat("application  %s\n", application);
  if (!group.state.empty()) {
    absl::StrAppendFormat(&out, "state        %s, %d members\n\n%-24s %-20s %s\n", group.state,
                          group.members.size(), "MEMBER", "HOST", "TASKS");
    for (const GroupMember& member : group.members) {
      const std::vector<int32_t> tasks = TasksOf(member, application);
      absl::StrAppendFormat(&out, "%-24s %-20s %s\n",
                            member.instance_id.empty() ? member.member_id : member.instance_id,
                            member.host, tasks.empty() ? "-" : absl::StrJoin(tasks, ","));
    }
  }
  absl::StrAppendFormat(&out, "\n%-32s %9s %12s %12s %10s %10s\n", "INPUT", "PARTITION",
                        "COMMITTED", "END", "LAG", "SECONDS");
  int64_t total = 0;
  for (const InputLag& lag : lags) {
    total += lag.records();
    absl::StrAppendFormat(&out, "%-32s %9d %12d %12d %10d %10s\n", lag.partition.topic,
                          lag.partition.partition.value(), lag.committed.value(), lag.end.value(),
                          lag.records(),
                          lag.seconds.has_value() ? absl::StrFormat("%.1f", *lag.seconds) : "-");
  }
  absl::StrAppendFormat(&out, "lag in all: %d records\n", total);
  return out;
}

std::string AsJson(const std::string& application, const GroupDescription& group,
                   const std::vector<InputLag>& lags) {
  boost::json::array members;
  for (const GroupMember& member : group.members) {
    boost::json::array tasks;
    for (const int32_t task : TasksOf(member, application)) tasks.push_back(task);
    members.push_back({{"member", member.member_id},
                       {"instance", member.instance_id},
                       {"host", member.host},
                       {"tasks", tasks}});
  }
  boost::json::array inputs;
  for (const InputLag& lag : lags) {
    boost::json::object input{{"topic", lag.partition.topic},
                              {"partition", lag.partition.partition.value()},
                              {"committed", lag.committed.value()},
                              {"end", lag.end.value()},
                              {"lag", lag.records()}};
    if (lag.seconds.has_value()) input["lag_seconds"] = *lag.seconds;
    inputs.push_back(std::move(input));
  }
  const boost::json::object document{{"application", application},
                                     {"state", group.state},
                                     {"members", members},
                                     {"inputs", inputs}};
  return boost::json::serialize(document) + "\n";
}

absl::Status Describe(const GroupDescribeCommand& command, Log& log, CommandIo& io) {
  const std::string& application = command.application_id;
  MR_ASSIGN_OR_RETURN(const GroupDescription group, log.DescribeGroup(application));
  MR_ASSIGN_OR_RETURN(const std::vector<InputLag> lags, LagOf(application, log));
  if (lags.empty() && group.members.empty()) {
    MR_ASSIGN_OR_RETURN(const std::vector<std::string> groups, log.ListGroups());
    return absl::NotFoundError(
        absl::StrCat("no application '", application, "' has run on this log; ",
                     groups.empty() ? "none has" : "there are: " + absl::StrJoin(groups, ", ")));
  }
  io.Write(command.json ? AsJson(application, group, lags) : AsText(application, group, lags));
  return absl::OkStatus();
}

const char* StateName(TaskStatus::State state) {
  switch (state) {
    case TaskStatus::State::kRestoring:
      return "restoring";
    case TaskStatus::State::kStandby:
      return "standby";
    case TaskStatus::State::kRunning:
      break;
  }
  return "running";
}

std::string TaskAsJson(const std::string& topology, const TaskStatus& task) {
  const boost::json::object line{{"topology", topology},
                                 {"task", task.task.ToString()},
                                 {"state", StateName(task.state)},
                                 {"behind", task.behind},
                                 {"restored_records", task.restored},
                                 {"restored_bytes", task.restored_bytes},
                                 {"seconds", task.seconds}};
  return boost::json::serialize(line) + "\n";
}

std::string TaskAsText(const std::string& topology, const TaskStatus& task) {
  std::string left = "-";
  if (task.state == TaskStatus::State::kRestoring && task.restored > 0 && task.seconds > 0) {
    const double rate = static_cast<double>(task.restored) / task.seconds;
    left = absl::StrFormat("%.0f s", static_cast<double>(task.behind) / rate);
  }
  if (task.state == TaskStatus::State::kRunning) {
    return absl::StrFormat("%-24s %-8s %s\n", topology, task.task.ToString(),
                           StateName(task.state));
  }
  return absl::StrFormat("%-24s %-8s %-10s %12d %12d %12d %8s\n", topology, task.task.ToString(),
                         StateName(task.state), task.behind, task.restored, task.restored_bytes,
                         left);
}

}  // namespace

int DescribeGroup(const GroupDescribeCommand& command, Log& log, CommandIo& io) {
  const absl::Status status = Describe(command, log, io);
  return status.ok() ? 0 : Fail(io, status);
}

int ListTasks(const TasksCommand& command, const WorkerHost& host, CommandIo& io) {
  if (host.engines.empty()) {
    return Fail(io, absl::FailedPreconditionError(
                        "no worker runs here; start one with `millrace run`, and name its --log "
                        "(kafka: its --state)"));
  }
  if (!command.json) {
    io.Write(absl::StrFormat("%-24s %-8s %-10s %12s %12s %12s %8s\n", "TOPOLOGY", "TASK", "STATE",
                             "BEHIND", "RESTORED", "BYTES", "LEFT"));
  }
  for (const auto& engine : host.engines) {
    const std::string& topology = engine->topology().name();
    for (const TaskStatus& task : engine->tasks()) {
      io.Write(command.json ? TaskAsJson(topology, task) : TaskAsText(topology, task));
    }
  }
  return 0;
}

}  // namespace millrace::worker
