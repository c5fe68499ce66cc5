#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/json_text.h"
#include "topic_commands.h"

namespace millrace::worker {
namespace {

bool IsInternal(const std::string& topic) {
  return absl::EndsWith(topic, "-changelog") || absl::EndsWith(topic, "-repartition") ||
         absl::StartsWith(topic, "__");
}

const char* CleanupName(Cleanup cleanup) {
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

int64_t RecordSpan(const TopicDescription& topic) {
  int64_t records = 0;
  for (const PartitionDescription& partition : topic.partitions) {
    records += partition.end - partition.begin;
  }
  return records;
}

std::string DescribeAsJson(const TopicDescription& topic) {
  std::string out = "{\"topic\":";
  AppendJsonString(topic.name, &out);
  absl::StrAppend(
      &out, ",\"cleanup_policy\":\"", CleanupName(topic.config.cleanup), "\",\"retention_ms\":",
      topic.config.retention.has_value() ? topic.config.retention->count() : -1,
      ",\"retention_bytes\":", topic.config.retention_bytes.value_or(-1),
      ",\"purge_consumed\":", topic.config.purge_consumed ? "true" : "false", ",\"partitions\":[");
  for (size_t i = 0; i < topic.partitions.size(); ++i) {
    const PartitionDescription& partition = topic.partitions[i];
    absl::StrAppend(&out, i == 0 ? "" : ",", "{\"partition\":", i,
                    ",\"begin\":", partition.begin.value(), ",\"end\":", partition.end.value(),
                    ",\"bytes\":", partition.bytes, "}");
  }
  out.append("]}\n");
  return out;
}

std::string DescribeAsText(const TopicDescription& topic) {
  std::string out = absl::StrFormat("topic            %s\n", topic.name);
  absl::StrAppendFormat(&out, "cleanup.policy   %s\n", CleanupName(topic.config.cleanup));
  absl::StrAppend(&out, "retention.ms     ",
                  topic.config.retention.has_value() ? topic.config.retention->count() : -1,
                  "\nretention.bytes  ", topic.config.retention_bytes.value_or(-1), "\n");
  if (topic.config.purge_consumed) absl::StrAppend(&out, "purged           once consumed\n");
  absl::StrAppendFormat(&out, "\n%9s %12s %12s %12s\n", "PARTITION", "BEGIN", "END", "BYTES");
  for (size_t i = 0; i < topic.partitions.size(); ++i) {
    const PartitionDescription& partition = topic.partitions[i];
    absl::StrAppendFormat(&out, "%9d %12d %12d %12d\n", i, partition.begin.value(),
                          partition.end.value(), partition.bytes);
  }
  return out;
}

}  // namespace

int Fail(CommandIo& io, const absl::Status& status) {
  io.WriteError(absl::StrCat("millrace: ", status.message(), "\n"));
  return 1;
}

int ListTopics(const TopicListCommand& command, Log& log, CommandIo& io) {
  absl::StatusOr<std::vector<std::string>> names = log.ListTopics();
  if (!names.ok()) return Fail(io, names.status());
  size_t width = 5;
  for (const std::string& name : *names) width = std::max(width, name.size());
  if (!command.json) {
    io.Write(absl::StrFormat("%-*s %10s %12s\n", width, "TOPIC", "PARTITIONS", "OFFSETS"));
  }
  for (const std::string& name : *names) {
    if (IsInternal(name) && !command.internal) continue;
    absl::StatusOr<TopicDescription> topic = log.DescribeTopic(name);
    if (!topic.ok()) return Fail(io, topic.status());
    const bool more =
        io.Write(command.json ? DescribeAsJson(*topic)
                              : absl::StrFormat("%-*s %10d %12d\n", width, name,
                                                topic->partitions.size(), RecordSpan(*topic)));
    if (!more) return 0;
  }
  return 0;
}

int CreateTopics(const TopicCreateCommand& command, Log& log, CommandIo& io) {
  for (const std::string& topic : command.topics) {
    absl::Status status = log.CreateTopic(topic, command.config);
    const bool exists = absl::IsAlreadyExists(status) && command.if_not_exists;
    if (absl::IsAlreadyExists(status) && !exists) {
      return Fail(io, absl::AlreadyExistsError(absl::StrCat(
                          "topic '", topic, "' exists; --if-not-exists makes that no error")));
    }
    if (!status.ok() && !exists) return Fail(io, status);
    io.Write(absl::StrCat(exists ? "exists " : "created ", topic, "\n"));
  }
  return 0;
}

absl::StatusOr<TopicDescription> FindTopic(Log& log, const std::string& name) {
  absl::StatusOr<TopicDescription> topic = log.DescribeTopic(name);
  if (!absl::IsNotFound(topic.status())) return topic;
  return absl::NotFoundError(absl::StrCat("there is no topic '", name,
                                          "'; `millrace topic list` shows those that there are, ",
                                          "`millrace topic create ", name, "` makes it"));
}

int DescribeTopic(const TopicDescribeCommand& command, Log& log, CommandIo& io) {
  absl::StatusOr<TopicDescription> topic = FindTopic(log, command.topic);
  if (!topic.ok()) return Fail(io, topic.status());
  io.Write(command.json ? DescribeAsJson(*topic) : DescribeAsText(*topic));
  return 0;
}

}  // namespace millrace::worker
