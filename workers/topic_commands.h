// The `topic` commands, on any Log. Each returns the process's exit code and has said, on `io`,
// what went wrong.
#pragma once

#include "command_io.h"
#include "command_line.h"
#include "millrace/log.h"
#include "type_catalog.h"

namespace millrace::worker {

int ListTopics(const TopicListCommand& command, Log& log, CommandIo& io);
int CreateTopics(const TopicCreateCommand& command, Log& log, CommandIo& io);
int DescribeTopic(const TopicDescribeCommand& command, Log& log, CommandIo& io);

// Commits as it goes; says at the end, or with the first bad line, how many records are durable.
int ProduceRecords(const TopicProduceCommand& command, Log& log, CommandIo& io);

// Follows the topic until cancelled, --max or --exit-at-end.
int ConsumeRecords(const TopicConsumeCommand& command, Log& log, const TypeCatalog& catalog,
                   CommandIo& io);

// NotFound names the topic and the commands that help.
absl::StatusOr<TopicDescription> FindTopic(Log& log, const std::string& name);

// Writes "millrace: <message>" as the error output and returns 1.
int Fail(CommandIo& io, const absl::Status& status);

}  // namespace millrace::worker
