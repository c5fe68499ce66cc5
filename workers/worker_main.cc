#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/logging.h"
#include "config_file.h"
#include "control_socket.h"
#include "generate_command.h"
#include "millrace/kafka/kafka_log.h"
#include "millrace/local_log.h"
#include "millrace/log_url.h"
#include "millrace/status.h"
#include "millrace/worker.h"
#include "signals.h"
#include "topic_commands.h"
#include "topology_commands.h"
#include "topology_plan.h"
#include "topology_trace.h"
#include "worker_host.h"

namespace millrace::worker {
namespace {

absl::StatusOr<std::vector<Topology>> BuildAll(const std::vector<TopologyFactory>& factories) {
  std::vector<Topology> topologies;
  for (const TopologyFactory& factory : factories) {
    absl::StatusOr<Topology> topology = factory();
    if (!topology.ok()) return std::move(topology).status();
    topologies.push_back(*std::move(topology));
  }
  return topologies;
}

bool ReadsOnly(const Command& command) {
  return !std::holds_alternative<TopicCreateCommand>(command) &&
         !std::holds_alternative<TopicProduceCommand>(command) &&
         !std::holds_alternative<GenerateCommand>(command);
}

absl::Status NotThere(const std::string& directory) {
  return absl::NotFoundError(
      absl::StrCat("there is no log in '", directory,
                   "'; name another one with --log, or make it with `millrace topic create NAME`"));
}

// Others may want to read or write while this command holds the log; short ones are over before.
bool HoldsLogForLong(const Command& command) {
  return std::holds_alternative<TopicConsumeCommand>(command) ||
         std::holds_alternative<TopicProduceCommand>(command) ||
         std::holds_alternative<GenerateCommand>(command);
}

int RunHere(const Invocation& invocation, Log& log, const std::vector<Topology>& topologies,
            CommandIo& io) {
  const TypeCatalog catalog(topologies);
  WorkerHost host{topologies, catalog, log, StateDirectory(invocation), {}};
  std::unique_ptr<ControlServer> server;
  if (HoldsLogForLong(invocation.command)) {
    absl::StatusOr<std::unique_ptr<ControlServer>> started = ServeOthers(invocation.log_url, &host);
    if (started.ok()) server = *std::move(started);  // else the others see who holds the log
  }
  return ExecuteOnHost(invocation.command, host, io);
}

// By the process that holds the log. Cancelled: the user stopped it.
absl::StatusOr<int> RunAtHolder(const Invocation& invocation, const std::string& directory,
                                std::vector<std::string> arguments,
                                const std::vector<Topology>& topologies,
                                const std::shared_ptr<CommandIo>& io) {
  if (const auto* plan = std::get_if<TopologyPlanCommand>(&invocation.command)) {
    MR_ASSIGN_OR_RETURN(arguments, PlanArgumentsForHolder(*plan, directory, topologies));
  }
  const bool produces = std::holds_alternative<TopicProduceCommand>(invocation.command);
  absl::StatusOr<int> code = RunRemotely(directory, arguments, io, produces);
  if (absl::IsAborted(code.status()) && produces) {
    return absl::AbortedError(
        absl::StrCat(std::string(code.status().message()),
                     "; a part of the input may be written: look before you send it again"));
  }
  if (!absl::IsCancelled(code.status())) return code;
  const auto* consume = std::get_if<TopicConsumeCommand>(&invocation.command);
  const bool endless =
      consume != nullptr && !consume->exit_at_end && !consume->max_records.has_value();
  if (endless) return 0;
  return absl::CancelledError("stopped before the end");
}

// One attempt at a command on a local log. Unavailable: somebody holds the log and does not listen.
absl::StatusOr<int> TryOnLocalLog(const Invocation& invocation, const std::string& directory,
                                  const std::vector<std::string>& arguments,
                                  const std::vector<Topology>& topologies,
                                  const std::shared_ptr<CommandIo>& io) {
  MR_ASSIGN_OR_RETURN(const std::optional<int> holder, LocalLogHolder(directory));
  if (holder.has_value() && std::holds_alternative<GenerateCommand>(invocation.command)) {
    return absl::FailedPreconditionError(
        absl::StrCat("process ", *holder, " holds the log in '", directory,
                     "'; let it write: millrace generate … | millrace topic produce"));
  }
  if (!holder.has_value()) {
    absl::StatusOr<std::unique_ptr<Log>> log = OpenLog(invocation.log_url);
    if (log.ok()) return RunHere(invocation, **log, topologies, *io);
    // Somebody was faster.
    if (!absl::IsFailedPrecondition(log.status())) return std::move(log).status();
    return absl::UnavailableError(log.status().message());
  }
  absl::StatusOr<int> code = RunAtHolder(invocation, directory, arguments, topologies, io);
  if (!absl::IsUnavailable(code.status())) return code;
  return absl::UnavailableError(
      absl::StrCat("process ", *holder, " holds the log in '", directory,
                   "' and does not answer: ", std::string(code.status().message())));
}

// A command on a log: here, or by the process that holds it. A holder that does not listen is about
// to (a worker that restores its state) or about to end (a short command), so it gets some time.
absl::StatusOr<int> RunOnLog(const Invocation& invocation,
                             const std::vector<std::string>& arguments,
                             const std::vector<Topology>& topologies,
                             const std::shared_ptr<CommandIo>& io) {
  constexpr std::chrono::seconds kPatience(5);
  constexpr Duration kBetweenAttempts(50);
  const std::optional<std::string> directory = LocalDirectory(invocation.log_url);
  if (!directory.has_value()) {
    // What only the worker itself knows.
    if (std::holds_alternative<TasksCommand>(invocation.command) ||
        std::holds_alternative<StateScanCommand>(invocation.command)) {
      const std::string control = ControlDirectory(invocation.log_url, StateDirectory(invocation));
      absl::StatusOr<int> code = RunAtHolder(invocation, control, arguments, topologies, io);
      if (!absl::IsUnavailable(code.status())) return code;
    }
    MR_ASSIGN_OR_RETURN(std::unique_ptr<Log> log, OpenLog(invocation.log_url));
    return RunHere(invocation, *log, topologies, *io);
  }
  if (ReadsOnly(invocation.command) && !std::filesystem::exists(*directory + "/FORMAT")) {
    return NotThere(*directory);
  }
  const std::chrono::nanoseconds deadline = Clock::System()->Monotonic() + kPatience;
  while (true) {
    absl::StatusOr<int> code = TryOnLocalLog(invocation, *directory, arguments, topologies, io);
    if (!absl::IsUnavailable(code.status())) return code;
    if (WaitForStop(kBetweenAttempts) || Clock::System()->Monotonic() > deadline) return code;
  }
}

// Of a command that reads lines; null for others.
const std::string* InputFile(const Command& command) {
  if (const auto* produce = std::get_if<TopicProduceCommand>(&command)) return &produce->input_file;
  if (const auto* trace = std::get_if<TopologyTraceCommand>(&command)) return &trace->input_file;
  return nullptr;
}

bool IsKafka(const std::string& log_url) { return log_url.starts_with("kafka:"); }

absl::Status SetUpKafka(const Invocation& invocation) {
  const auto* consume = std::get_if<TopicConsumeCommand>(&invocation.command);
  const bool uncommitted = consume != nullptr && consume->read_uncommitted;
  if (!IsKafka(invocation.log_url)) {
    if (!uncommitted) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(
        "--isolation read_uncommitted: ", invocation.log_url, " has committed records only"));
  }
  MR_ASSIGN_OR_RETURN(kafka::KafkaOptions options, KafkaOptionsFrom(invocation.kafka));
  options.read_uncommitted = uncommitted;
  const bool runs = std::holds_alternative<RunCommand>(invocation.command);
  // Somebody waits for a short command; a worker may be started with its brokers.
  const bool decided = invocation.kafka.contains("connect-timeout");
  if (!runs && !decided) options.connect_timeout = Duration(3000);
  // A short command ends with an error that says the same.
  if (runs) options.on_warning = LogWarning;
  kafka::RegisterKafkaScheme(options);
  return absl::OkStatus();
}

int Execute(const Invocation& invocation, const std::vector<std::string>& arguments,
            const std::vector<Topology>& topologies, std::shared_ptr<CommandIo> io) {
  if (const auto* list = std::get_if<TopologyListCommand>(&invocation.command)) {
    return ListTopologies(*list, topologies, *io);
  }
  if (const auto* describe = std::get_if<TopologyDescribeCommand>(&invocation.command)) {
    return DescribeTopology(*describe, topologies, *io);
  }
  if (const auto* trace = std::get_if<TopologyTraceCommand>(&invocation.command)) {
    return TraceTopology(*trace, topologies, *io);
  }
  const auto* generate = std::get_if<GenerateCommand>(&invocation.command);
  if (generate != nullptr && !generate->to_log) return GenerateLines(*generate, *io);
  if (const auto* run = std::get_if<RunCommand>(&invocation.command)) {
    return RunWorker(*run, invocation, topologies, *io);
  }
  absl::StatusOr<int> code = RunOnLog(invocation, arguments, topologies, io);
  return code.ok() ? *code : Fail(*io, code.status());
}

}  // namespace

int Main(int argc, char** argv, std::vector<TopologyFactory> factories) {
  InstallSignalHandlers();
  const std::string program = std::filesystem::path(argc > 0 ? argv[0] : "millrace").filename();
  const std::vector<std::string> arguments(argv + std::min(argc, 1), argv + argc);
  ParseOutcome outcome = ParseCommandLine(program, arguments);
  std::shared_ptr<ProcessIo> io = *ProcessIo::Open("-");
  io->Write(outcome.output);
  io->WriteError(outcome.error);
  if (!outcome.invocation.has_value()) return outcome.exit_code;

  Invocation& invocation = *outcome.invocation;
  if (absl::Status settings = ApplySettings(&invocation); !settings.ok()) {
    Fail(*io, settings);
    return 2;
  }
  if (absl::Status kafka = SetUpKafka(invocation); !kafka.ok()) {
    Fail(*io, kafka);
    return 2;
  }
  absl::StatusOr<std::vector<Topology>> topologies = BuildAll(factories);
  if (!topologies.ok()) return Fail(*io, topologies.status());
  if (const std::string* file = InputFile(invocation.command)) {
    absl::StatusOr<std::unique_ptr<ProcessIo>> input = ProcessIo::Open(*file);
    if (!input.ok()) return Fail(*io, input.status());
    io = *std::move(input);
  }
  const int code = Execute(invocation, arguments, *topologies, io);
  const absl::Status written = io->output_status();
  return written.ok() ? code : Fail(*io, written);
}

}  // namespace millrace::worker
