#include "command_line.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <initializer_list>
#include <limits>
#include <sstream>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"

namespace millrace::worker {
namespace {

// A positive number with one of the units, times that; nullopt: it is not, or too large.
std::optional<int64_t> ParseWithUnit(const std::string& text,
                                     std::initializer_list<std::pair<const char*, int64_t>> units) {
  int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || number <= 0) return std::nullopt;
  for (const auto& [name, size] : units) {
    if (std::string_view(rest, end) != name) continue;
    if (number > std::numeric_limits<int64_t>::max() / size) return std::nullopt;
    return number * size;
  }
  return std::nullopt;
}

// CLI11 wants validators that return an empty string for good input.
std::string DurationError(const std::string& text) {
  absl::StatusOr<Duration> duration = ParseDuration(text);
  return duration.ok() ? "" : std::string(duration.status().message());
}

std::string BytesError(const std::string& text) {
  const absl::StatusOr<uint64_t> bytes = ParseBytes(text);
  return bytes.ok() ? "" : std::string(bytes.status().message());
}

std::string FromError(const std::string& text) {
  int64_t offset;
  if (text == "beginning" || text == "end") return "";
  if (absl::SimpleAtoi(text, &offset) && offset >= 0) return "";
  return absl::StrCat("--from takes beginning, end or an offset, not '", text, "'");
}

std::string ResetPointError(const std::string& text) {
  int64_t offset;
  absl::Time time;
  std::string error;
  if (text == "beginning" || text == "end") return "";
  if (absl::SimpleAtoi(text, &offset) && offset >= 0) return "";
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &error)) return "";
  return absl::StrCat("--to takes beginning, end, an offset or a time like 2026-01-31T12:00:00Z, ",
                      "not '", text, "'");
}

std::string ApplyTopicConfig(const std::string& setting, TopicConfig* config) {
  const std::vector<std::string> parts = absl::StrSplit(setting, absl::MaxSplits('=', 1));
  if (parts.size() != 2) return absl::StrCat("-c takes KEY=VALUE, not '", setting, "'");
  const std::string& key = parts[0];
  const std::string& value = parts[1];
  if (key == "cleanup.policy") {
    if (value == "delete") {
      config->cleanup = Cleanup::kDelete;
    } else if (value == "compact") {
      config->cleanup = Cleanup::kCompact;
    } else if (value == "compact,delete" || value == "delete,compact") {
      config->cleanup = Cleanup::kCompactAndDelete;
    } else {
      return absl::StrCat("cleanup.policy is delete, compact or compact,delete, not '", value, "'");
    }
    return "";
  }
  int64_t number;
  if (key != "retention.ms" && key != "retention.bytes") {
    return absl::StrCat("unknown topic setting '", key,
                        "'; known are cleanup.policy, retention.ms, retention.bytes");
  }
  if (!absl::SimpleAtoi(value, &number) || number < -1) {
    return absl::StrCat(key, " takes a whole number, -1 for no limit, not '", value, "'");
  }
  if (key == "retention.ms") {
    config->retention = number < 0 ? std::nullopt : std::optional<Duration>(number);
  } else {
    config->retention_bytes = number < 0 ? std::nullopt : std::optional<int64_t>(number);
  }
  return "";
}

// Builds the parser and collects what it read. One object per parse; CLI11 keeps references.
class Parser {
 public:
  explicit Parser(const std::string& program)
      : app_("millrace: streams, tables and exactly-once state in one binary", program) {
    app_.require_subcommand(1);
    app_.fallthrough();
    app_.set_version_flag("--version", std::string("millrace ") + MILLRACE_VERSION);
    app_.add_option("--log", log_,
                    "log to use: local:DIR or kafka://HOST:PORT[,...] (default: $MILLRACE_LOG, "
                    "else " +
                        std::string(kDefaultLogUrl) + ")");
    app_.add_option("--state", state_,
                    "directory of the state stores (default: $MILLRACE_STATE, else DIR/state, "
                    "with Kafka millrace-state)");
    app_.add_option("--config", config_, "TOML file with log, state, threads, ... for run");
    app_.add_option("--kafka-property", kafka_flags_,
                    "NAME=VALUE: a property of the Kafka client, as in [kafka] of the file; "
                    "repeatable; secrets as NAME_file=PATH or NAME_env=VARIABLE")
        ->allow_extra_args(false);
    AddRun();
    AddTopic();
    AddTopology();
    AddState();
    AddGroup();
    AddGenerate();
  }

  ParseOutcome Parse(const std::vector<std::string>& arguments) {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    ParseOutcome outcome;
    try {
      app_.parse(reversed);
    } catch (const CLI::ParseError& error) {
      std::ostringstream out;
      std::ostringstream err;
      const int code = app_.exit(error, out, err);
      // CLI11 misses a command where one is misspelt.
      const std::vector<std::string> unknown = app_.remaining(true);
      if (error.get_name() == "RequiredError" && !unknown.empty()) {
        err.str(absl::StrCat("no such command: ", unknown.front(),
                             "\nRun with --help for more information.\n"));
      }
      outcome.exit_code = code == 0 ? 0 : 2;
      outcome.output = out.str();
      outcome.error = err.str();
      return outcome;
    }
    outcome.invocation = Invocation{*chosen_, log_, state_, config_, kafka_flags_, {}};
    return outcome;
  }

 private:
  // Remembers `command` (complete when parsing has ended) as the chosen one.
  template <class C>
  void Choose(CLI::App* app, C* command) {
    app->callback([this, command] { chosen_ = *command; });
  }

  void AddRun() {
    CLI::App* run = app_.add_subcommand("run", "run topologies until stopped");
    run->add_option("--topology,-t", run_.topologies, "topology to run, repeatable; 'all' for all")
        ->allow_extra_args(false);
    run->add_flag("--until-idle", run_.until_idle,
                  "stop when everything that is there is processed");
    run->add_option("--threads", run_.threads, "worker threads (default: one per core)")
        ->check(CLI::Range(1, 1024));
    run->add_option("--partitions", run_.partitions, "partitions of topics that the run creates")
        ->check(CLI::Range(1, 10000));
    run->add_option("--app", run_.application_id, "application id (default: the topology's name)");
    run->add_option_function<std::string>(
           "--commit-interval",
           [this](const std::string& text) { run_.commit_interval = *ParseDuration(text); },
           "time between commits (default: 100ms)")
        ->check(DurationError);
    run->add_option_function<std::string>(
           "--state-cache",
           [this](const std::string& text) { run_.state_cache = *ParseBytes(text); },
           "memory for blocks and memtables of the state stores, of all topologies together, as in "
           "512MiB (default: 64MiB for each)")
        ->check(BytesError);
    run->add_option("--max-skew", run_.max_skew,
                    "records with a time further in the future are dead letters; 'off' for none "
                    "(default: 24h)")
        ->check([](const std::string& text) { return text == "off" ? "" : DurationError(text); });
    run->add_option("--missing-topics", run_.missing_topics,
                    "what to do about inputs and outputs that are not there: create, wait or fail "
                    "(default: create on a local log, else make outputs and wait for inputs)")
        ->check(CLI::IsMember({"create", "wait", "fail"}));
    run->add_option("--instance", run_.instance_id,
                    "kafka: name of this worker in its group (default: one kept with the state)");
    run->add_option("--standbys", run_.standby_replicas,
                    "kafka: copies of each task's state that other workers keep ready (default: 0)")
        ->check(CLI::Range(0, 10));
    run->add_option_function<std::string>(
           "--session-timeout",
           [this](const std::string& text) { run_.session_timeout = *ParseDuration(text); },
           "kafka: how long the tasks of a dead worker wait for its return (default: 6s)")
        ->check(DurationError);
    run->add_flag("--leave", run_.leave,
                  "kafka: at the end give the tasks to the other workers at once");
    run->add_flag("--accept-state-loss", run_.accept_state_loss,
                  "start although `topology plan` shows that state is lost");
    Choose(run, &run_);
  }

  void AddGenerate() {
    CLI::App* generate = app_.add_subcommand(
        "generate", "a social network as records, the same for the same numbers everywhere");
    generate->add_option("--seed", generate_.seed, "what it is made from")->capture_default_str();
    generate->add_option("--users", generate_.users, "how many there are")
        ->check(CLI::Range(2u, 100'000'000u))
        ->capture_default_str();
    generate->add_option("--events", generate_.events, "what happens after the snapshot")
        ->capture_default_str();
    generate
        ->add_option("--follows", generate_.follows, "median length of the follow lists at first")
        ->capture_default_str();
    generate->add_option("--posts", generate_.posts,
                         "posts in the snapshot (default: a quarter of the users)");
    generate->add_option("--hours", generate_.hours, "event time that the events take")
        ->check(CLI::Range(0.001, 24.0 * 366))
        ->capture_default_str();
    generate->add_option_function<std::string>(
        "--faults",
        [this](const std::string& text) {
          absl::StatusOr<gen::Faults> faults = gen::Faults::Parse(text);
          if (!faults.ok()) throw CLI::ValidationError(std::string(faults.status().message()));
          generate_.faults = *faults;
        },
        "what goes wrong: all, none or names, as in all,malformed=0.2%,-flaps (default: none)");
    generate->add_flag("--tables", generate_.tables_only,
                       "only changes of the four tables, and a snapshot of follows and posts");
    generate->add_option("--manifest", generate_.manifest, "file for what it was made of, as JSON");
    AddGenerateOutput(generate);
    Choose(generate, &generate_);
  }

  void AddGenerateOutput(CLI::App* generate) {
    CLI::Option* ldbc = generate->add_option(
        "--ldbc", generate_.ldbc_folder,
        "replay the files of an LDBC social network (composite CSV) in this folder instead");
    CLI::Option* ideal = generate->add_flag(
        "--ideal", generate_.ideal, "what happened, one line each in order, instead of records");
    CLI::Option* to_log = generate->add_flag("--to-log", generate_.to_log,
                                             "into the topics of --log instead of standard output");
    generate->add_option("--partitions", generate_.partitions, "of topics that --to-log creates")
        ->check(CLI::Range(1, 10000))
        ->capture_default_str();
    ideal->excludes(to_log)->excludes(ldbc);
    generate->footer(
        "Lines are those of `topic produce`: millrace generate --users 1000 | millrace topic "
        "produce");
  }

  void AddTopic() {
    CLI::App* topic = app_.add_subcommand("topic", "create, look at, write and read topics");
    topic->require_subcommand(1);
    topic->fallthrough();
    CLI::App* list = topic->add_subcommand("list", "names, partitions and records of the topics");
    list->add_flag("--json", list_.json, "JSON lines");
    list->add_flag("--internal", list_.internal, "changelogs and repartition topics too");
    Choose(list, &list_);

    CLI::App* create = topic->add_subcommand("create", "create topics");
    create->add_option("TOPIC", create_.topics, "names")->required();
    create->add_option("-p,--partitions", create_.config.partitions, "number of partitions")
        ->check(CLI::Range(1, 10000))
        ->default_val(1);
    create
        ->add_option_function<std::vector<std::string>>(
            "-c,--topic-config",
            [this](const std::vector<std::string>& settings) {
              for (const std::string& setting : settings) {
                std::string error = ApplyTopicConfig(setting, &create_.config);
                if (!error.empty()) throw CLI::ValidationError(error);
              }
            },
            "cleanup.policy=compact, retention.ms=..., retention.bytes=...")
        ->allow_extra_args(false);
    create->add_flag("--if-not-exists", create_.if_not_exists, "no error when a topic exists");
    Choose(create, &create_);

    CLI::App* describe = topic->add_subcommand("describe", "configuration, offsets and size");
    describe->add_option("TOPIC", describe_.topic, "name")->required();
    describe->add_flag("--json", describe_.json, "a JSON document");
    Choose(describe, &describe_);
    AddProduce(topic);
    AddConsume(topic);
  }

  void AddProduce(CLI::App* topic) {
    CLI::App* produce = topic->add_subcommand("produce", "write records from JSON lines");
    produce->add_option("FILE", produce_.input_file, "file of JSON lines, - for standard input")
        ->default_val("-");
    produce->add_option("--topic,-t", produce_.default_topic, "topic of lines that name none");
    produce->footer(
        "A line: {\"topic\":\"lines\",\"key\":\"a\",\"value\":{\"n\":1},\"timestamp\":ms,"
        "\"headers\":[[\"h\",\"x\"]],\"partition\":0}\n"
        "A string stands for its bytes, null for null, other JSON for its compact text.\n"
        "Other bytes are base64, with \"encoding\":\"base64\" (value) or \"key_encoding\" (key).\n"
        "Records are written when 4 MiB of them have come or nothing more is there to read; a bad\n"
        "line ends the command, which then names that line and the last one that is written.");
    Choose(produce, &produce_);
  }

  void AddConsume(CLI::App* topic) {
    CLI::App* consume = topic->add_subcommand("consume", "print records");
    consume->add_option("TOPIC", consume_.topic, "name")->required();
    consume->add_option("--from,-o", consume_.from, "beginning, end or an offset")
        ->check(FromError)
        ->default_val("beginning");
    consume->add_option("--partition,-p", consume_.partition, "only this partition");
    consume->add_option("-n,--max", consume_.max_records, "stop after so many records")
        ->check(CLI::PositiveNumber);
    consume->add_flag("--exit-at-end,-e", consume_.exit_at_end, "stop at the end of the topic");
    CLI::Option* json = consume->add_flag("--json,-J", consume_.json,
                                          "JSON lines (the default unless on a terminal)");
    consume
        ->add_option_function<std::string>(
            "--isolation",
            [this](const std::string& text) {
              consume_.read_uncommitted = text == "read_uncommitted";
            },
            "read_committed, or read_uncommitted: records of open and aborted transactions, too; "
            "Kafka only (default: read_committed)")
        ->check(CLI::IsMember({"read_committed", "read_uncommitted"}));
    consume->add_option("-f,--format", consume_.format, "kcat's format: %t %p %o %k %s %T %h")
        ->excludes(json);
    Choose(consume, &consume_);
  }

  void AddTopology() {
    CLI::App* topology = app_.add_subcommand("topology", "look at the topologies of this binary");
    topology->require_subcommand(1);
    topology->fallthrough();
    CLI::App* list = topology->add_subcommand("list", "names, inputs and outputs");
    list->add_flag("--json", topology_list_.json, "JSON lines");
    Choose(list, &topology_list_);
    CLI::App* describe = topology->add_subcommand("describe", "sub-topologies, steps and stores");
    describe->add_option("NAME", topology_describe_.topology, "topology")->required();
    describe->add_option("--format", topology_describe_.format, "text, json or dot")
        ->check(CLI::IsMember({"text", "json", "dot"}))
        ->default_val("text");
    Choose(describe, &topology_describe_);
    AddPlan(topology);
    AddTrace(topology);
  }

  void AddTrace(CLI::App* topology) {
    CLI::App* trace = topology->add_subcommand(
        "trace", "run records through the topology in memory and print what every step does");
    trace->add_option("NAME", trace_.topology, "topology")->required();
    trace->add_option("FILE", trace_.input_file, "file of JSON lines, - for standard input")
        ->default_val("-");
    trace->add_option("--topic,-t", trace_.default_topic, "topic of lines that name none");
    trace->add_option("-p,--partitions", trace_.partitions, "partitions of the topics")
        ->check(CLI::Range(1, 1000));
    trace->footer(
        "Lines are those of `topic produce`; {\"advance_ms\":1000} moves the clock on.\n"
        "No log is read or written. Every line of the output names the task, the step, and what\n"
        "went in, came out, or changed in a store; '->' is a record that came into a topic.");
    Choose(trace, &trace_);
  }

  void AddPlan(CLI::App* topology) {
    CLI::App* plan = topology->add_subcommand(
        "plan", "state that the topology keeps, moves or loses, against what ran last");
    plan->add_option("NAME", plan_.topology, "topology")->required();
    plan->add_option("--app", plan_.application_id,
                     "application id (default: the topology's name)");
    plan->add_option("--partitions", plan_.partitions, "partitions of topics that are missing")
        ->check(CLI::Range(1, 10000));
    plan->add_flag("--json", plan_.json, "JSON lines");
    plan->add_option("--wanted", plan_.wanted)->group("");
    plan->footer("Exit code 1 when `run` would refuse to start.");
    Choose(plan, &plan_);
  }

  void AddState() {
    CLI::App* state = app_.add_subcommand("state", "look at state stores");
    state->require_subcommand(1);
    state->fallthrough();
    CLI::App* scan = state->add_subcommand("scan", "print the committed rows of a store");
    scan->add_option("STORE", scan_.store, "name of the store")->required();
    scan->add_option("--key,-k", scan_.key, "only the row of this key, as scan prints it");
    scan->add_option("--topology,-t", scan_.topology, "topology, when several have such a store");
    scan->add_option("--app", scan_.application_id,
                     "application id that it ran with (default: the topology's name)");
    scan->add_option("-n,--max", scan_.limit, "stop after so many rows")
        ->check(CLI::PositiveNumber);
    Choose(scan, &scan_);
  }

  void AddGroup() {
    CLI::App* group = app_.add_subcommand("group", "look at the members of an application");
    group->require_subcommand(1);
    group->fallthrough();
    CLI::App* describe = group->add_subcommand("describe", "members, tasks and lag");
    describe->add_option("APP", group_describe_.application_id, "application id")->required();
    describe->add_flag("--json", group_describe_.json, "a JSON document");
    Choose(describe, &group_describe_);

    CLI::App* tasks = app_.add_subcommand(
        "tasks", "tasks of the worker that runs on this log (kafka: on this --state)");
    tasks->add_flag("--json", tasks_.json, "JSON lines");
    Choose(tasks, &tasks_);

    CLI::App* reset = app_.add_subcommand(
        "reset", "let an application begin again: its positions, internal topics and state");
    reset->add_option("APP", reset_.application_id, "application id")->required();
    reset
        ->add_option("--to", reset_.to,
                     "where its inputs begin: beginning, end, an offset, or a time like "
                     "2026-01-31T12:00:00Z")
        ->check(ResetPointError)
        ->default_val("beginning");
    reset->add_option("--topic,-t", reset_.topics, "only these inputs, repeatable")
        ->allow_extra_args(false);
    reset->add_flag("--dry-run", reset_.dry_run, "only say what would be done");
    reset->footer(
        "Deletes the application's changelogs, repartition topics and local state (below "
        "--state),\n"
        "and moves its positions. Refuses while the application runs.");
    Choose(reset, &reset_);
  }

  CLI::App app_;
  std::string log_;
  std::string state_;
  std::string config_;
  std::vector<std::string> kafka_flags_;
  RunCommand run_;
  TopicListCommand list_;
  TopicCreateCommand create_;
  TopicDescribeCommand describe_;
  TopicProduceCommand produce_;
  TopicConsumeCommand consume_;
  TopologyListCommand topology_list_;
  TopologyDescribeCommand topology_describe_;
  TopologyPlanCommand plan_;
  TopologyTraceCommand trace_;
  StateScanCommand scan_;
  GroupDescribeCommand group_describe_;
  TasksCommand tasks_;
  ResetCommand reset_;
  GenerateCommand generate_;
  std::optional<Command> chosen_;
};

}  // namespace

absl::StatusOr<Duration> ParseDuration(const std::string& text) {
  const std::optional<int64_t> millis = ParseWithUnit(
      text, {{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}});
  if (millis.has_value()) return Duration(*millis);
  return absl::InvalidArgumentError(
      absl::StrCat("'", text, "' is no duration: a number with ms, s, m, h or d, as in 100ms"));
}

absl::StatusOr<uint64_t> ParseBytes(const std::string& text) {
  const std::optional<int64_t> bytes =
      ParseWithUnit(text, {{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}});
  if (bytes.has_value()) return static_cast<uint64_t>(*bytes);
  return absl::InvalidArgumentError(
      absl::StrCat("'", text, "' is no size: a number with KiB, MiB or GiB, as in 512MiB"));
}

ParseOutcome ParseCommandLine(const std::string& program,
                              const std::vector<std::string>& arguments) {
  return Parser(program).Parse(arguments);
}

}  // namespace millrace::worker
