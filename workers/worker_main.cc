#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "config_file.h"
#include "control_socket.h"
#include "millrace/local_log.h"
#include "millrace/log_url.h"
#include "millrace/status.h"
#include "millrace/worker.h"
#include "signals.h"
#include "topic_commands.h"
#include "topology_commands.h"
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
         !std::holds_alternative<TopicProduceCommand>(command);
}

// A command on a log: here, or by the process that holds it.
absl::StatusOr<int> RunOnLog(const Invocation& invocation,
                             const std::vector<std::string>& arguments,
                             const std::vector<Topology>& topologies,
                             std::shared_ptr<CommandIo> io) {
  if (const auto directory = LocalDirectory(invocation.log_url); directory.has_value()) {
    if (ReadsOnly(invocation.command) && !std::filesystem::exists(*directory + "/FORMAT")) {
      return absl::NotFoundError(absl::StrCat(
          "there is no log in '", *directory,
          "'; name another one with --log, or make it with `millrace topic create NAME`"));
    }
    MR_ASSIGN_OR_RETURN(std::optional<int> holder, LocalLogHolder(*directory));
    if (holder.has_value()) {
      const bool produces = std::holds_alternative<TopicProduceCommand>(invocation.command);
      absl::StatusOr<int> code = RunRemotely(*directory, arguments, std::move(io), produces);
      if (code.ok()) return code;
      return absl::UnavailableError(
          absl::StrCat("process ", *holder, " holds the log in '", *directory,
                       "' and does not answer: ", std::string(code.status().message())));
    }
  }
  MR_ASSIGN_OR_RETURN(std::unique_ptr<Log> log, OpenLog(invocation.log_url));
  const TypeCatalog catalog(topologies);
  WorkerHost host{topologies, catalog, *log, StateDirectory(invocation), {}};
  return ExecuteOnHost(invocation.command, host, *io);
}

int Execute(const Invocation& invocation, const std::vector<std::string>& arguments,
            const std::vector<Topology>& topologies, std::shared_ptr<CommandIo> io) {
  if (const auto* list = std::get_if<TopologyListCommand>(&invocation.command)) {
    return ListTopologies(*list, topologies, *io);
  }
  if (const auto* describe = std::get_if<TopologyDescribeCommand>(&invocation.command)) {
    return DescribeTopology(*describe, topologies, *io);
  }
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
  std::shared_ptr<CommandIo> io = *ProcessIo::Open("-");
  io->Write(outcome.output);
  io->WriteError(outcome.error);
  if (!outcome.invocation.has_value()) return outcome.exit_code;

  Invocation& invocation = *outcome.invocation;
  if (absl::Status settings = ApplySettings(&invocation); !settings.ok()) {
    Fail(*io, settings);
    return 2;
  }
  absl::StatusOr<std::vector<Topology>> topologies = BuildAll(factories);
  if (!topologies.ok()) return Fail(*io, topologies.status());
  if (const auto* produce = std::get_if<TopicProduceCommand>(&invocation.command)) {
    absl::StatusOr<std::unique_ptr<ProcessIo>> input = ProcessIo::Open(produce->input_file);
    if (!input.ok()) return Fail(*io, input.status());
    io = *std::move(input);
  }
  return Execute(invocation, arguments, *topologies, io);
}

}  // namespace millrace::worker
