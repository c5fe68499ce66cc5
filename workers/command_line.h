// The command line as data: what was asked for, checked, with nothing executed yet.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "generator/faults.h"
#include "kafka_settings.h"
#include "millrace/log.h"

namespace millrace::worker {

struct RunCommand {
  std::vector<std::string> topologies;  // empty: the only one, or all when there are several
  bool until_idle = false;
  std::optional<int> threads;
  std::optional<int> partitions;  // of topics that the run creates
  std::optional<Duration> commit_interval;
  std::string application_id;  // empty: the topology's name
  bool accept_state_loss = false;
  std::optional<uint64_t> state_cache;  // bytes, of all topologies together
  std::string max_skew;                 // a duration or "off"; empty: the engine's default
  std::string missing_topics;           // create, wait or fail; empty: create locally, else wait
  std::string instance_id;  // in the group of the application; empty: one that the state keeps
  std::optional<int> standby_replicas;
  std::optional<Duration> session_timeout;
  bool leave = false;  // at the end, give the tasks to the other members at once
};

struct TopicListCommand {
  bool json = false;
  bool internal = false;  // show changelogs and repartition topics too
};

struct TopicCreateCommand {
  std::vector<std::string> topics;
  TopicConfig config;
  bool if_not_exists = false;
};

struct TopicDescribeCommand {
  std::string topic;
  bool json = false;
};

struct TopicProduceCommand {
  std::string input_file = "-";
  std::string default_topic;
};

struct TopicConsumeCommand {
  std::string topic;
  std::string from = "beginning";
  std::optional<int32_t> partition;
  std::optional<int64_t> max_records;
  bool exit_at_end = false;
  bool json = false;
  std::string format;  // kcat's -f; empty: JSON lines, or columns on a terminal
  bool read_uncommitted = false;
};

struct TopologyListCommand {
  bool json = false;
};

struct TopologyDescribeCommand {
  std::string topology;
  std::string format = "text";  // text, json or dot
};

struct TopologyPlanCommand {
  std::string topology;
  std::string application_id;  // empty: the topology's name
  int partitions = 4;          // of topics that are not there yet
  bool json = false;
  std::string wanted;  // between processes: the encoded Deployment, instead of the topology's own
};

struct TopologyTraceCommand {
  std::string topology;
  std::string input_file = "-";
  std::string default_topic;
  int partitions = 1;
};

struct StateScanCommand {
  std::string store;
  std::string topology;        // empty: the only topology that has such a store
  std::string application_id;  // empty: the topology's name
  std::optional<std::string> key;
  std::optional<int64_t> limit;
};

struct GroupDescribeCommand {
  std::string application_id;
  bool json = false;
};

struct TasksCommand {
  bool json = false;
};

struct ResetCommand {
  std::string application_id;
  std::string to = "beginning";     // beginning, end, an offset or a time
  std::vector<std::string> topics;  // empty: all inputs
  bool dry_run = false;
};

struct GenerateCommand {
  uint64_t seed = 1;
  uint32_t users = 10'000;
  uint64_t events = 100'000;      // after the snapshot
  uint32_t follows = 40;          // median length of the follow lists of the snapshot
  std::optional<uint32_t> posts;  // in the snapshot; nullopt: a quarter of the users
  double hours = 12;              // of event time
  gen::Faults faults;
  bool tables_only = false;
  bool ideal = false;
  bool to_log = false;
  int partitions = 4;       // of topics that are not there yet
  std::string manifest;     // a file; empty: none
  std::string ldbc_folder;  // replay its files instead; empty: none
};

using Command = std::variant<RunCommand, TopicListCommand, TopicCreateCommand, TopicDescribeCommand,
                             TopicProduceCommand, TopicConsumeCommand, TopologyListCommand,
                             TopologyDescribeCommand, TopologyPlanCommand, TopologyTraceCommand,
                             StateScanCommand, GroupDescribeCommand, TasksCommand, ResetCommand,
                             GenerateCommand>;

struct Invocation {
  Command command;
  std::string log_url;          // from --log, MILLRACE_LOG, the configuration file, or the default
  std::string state_directory;  // from --state or the file; empty: inside the local log's directory
  std::string config_file;
  std::vector<std::string> kafka_flags;  // from --kafka-property, NAME=VALUE
  KafkaSettings kafka;                   // from those and the file
};

inline constexpr char kDefaultLogUrl[] = "local:millrace-data";

struct ParseOutcome {
  std::optional<Invocation> invocation;  // nullopt: help was asked for, or the line was wrong
  int exit_code = 0;
  std::string output;  // for standard output (help, version)
  std::string error;   // for standard error
};

// Parses arguments (without the program's name). `program` is only shown. Of the settings, only the
// flags are in the outcome; ApplySettings (config_file.h) fills in the rest.
ParseOutcome ParseCommandLine(const std::string& program,
                              const std::vector<std::string>& arguments);

// "7d", "90s", "1500ms" -> milliseconds. InvalidArgument names the text and the units.
absl::StatusOr<Duration> ParseDuration(const std::string& text);
// "512MiB" -> bytes. InvalidArgument names the text and the units.
absl::StatusOr<uint64_t> ParseBytes(const std::string& text);

}  // namespace millrace::worker
