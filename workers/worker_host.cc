#include "worker_host.h"

#include <filesystem>
#include <type_traits>

#include "generate_command.h"
#include "group_commands.h"
#include "topic_commands.h"
#include "topology_plan.h"

namespace millrace::worker {

Engine* WorkerHost::FindEngine(const std::string& topology) const {
  for (const auto& engine : engines) {
    if (engine->topology().name() == topology) return engine.get();
  }
  return nullptr;
}

int ExecuteOnHost(const Command& command, WorkerHost& host, CommandIo& io) {
  return std::visit(
      [&](const auto& c) -> int {
        using C = std::decay_t<decltype(c)>;
        if constexpr (std::is_same_v<C, TopicListCommand>) {
          return ListTopics(c, host.log, io);
        } else if constexpr (std::is_same_v<C, TopicCreateCommand>) {
          return CreateTopics(c, host.log, io);
        } else if constexpr (std::is_same_v<C, TopicDescribeCommand>) {
          return DescribeTopic(c, host.log, io);
        } else if constexpr (std::is_same_v<C, TopicProduceCommand>) {
          return ProduceRecords(c, host.log, io);
        } else if constexpr (std::is_same_v<C, TopicConsumeCommand>) {
          return ConsumeRecords(c, host.log, host.catalog, io);
        } else if constexpr (std::is_same_v<C, TopologyPlanCommand>) {
          return PlanTopology(c, host, io);
        } else if constexpr (std::is_same_v<C, StateScanCommand>) {
          return ScanState(c, host, io);
        } else if constexpr (std::is_same_v<C, GroupDescribeCommand>) {
          return DescribeGroup(c, host.log, io);
        } else if constexpr (std::is_same_v<C, TasksCommand>) {
          return ListTasks(c, host, io);
        } else if constexpr (std::is_same_v<C, GenerateCommand>) {
          return GenerateIntoLog(c, host.log, io);
        } else if constexpr (std::is_same_v<C, ResetCommand>) {
          return ResetApplication(c, host, io);
        } else {
          return Fail(io,
                      absl::InvalidArgumentError("this command does not run in another process"));
        }
      },
      command);
}

absl::StatusOr<std::unique_ptr<ControlServer>> ServeOthers(const std::string& log_url,
                                                           WorkerHost* host) {
  const std::string directory = ControlDirectory(log_url, host->state_directory);
  if (directory.empty()) return nullptr;
  std::error_code error;  // Start() says what is wrong with it
  std::filesystem::create_directories(directory, error);
  return ControlServer::Start(
      directory, [host](const std::vector<std::string>& arguments, CommandIo& client) {
        const ParseOutcome outcome = ParseCommandLine("millrace", arguments);
        if (outcome.invocation.has_value()) {
          return ExecuteOnHost(outcome.invocation->command, *host, client);
        }
        client.Write(outcome.output);
        client.WriteError(outcome.error);
        return outcome.exit_code;
      });
}

std::string ControlDirectory(const std::string& log_url, const std::string& state_directory) {
  if (const std::optional<std::string> directory = LocalDirectory(log_url)) return *directory;
  return log_url.starts_with("memory:") ? "" : state_directory;
}

std::optional<std::string> LocalDirectory(const std::string& log_url) {
  constexpr std::string_view kScheme = "local:";
  if (!log_url.starts_with(kScheme)) return std::nullopt;
  return log_url.substr(kScheme.size());
}

std::string StateDirectory(const Invocation& invocation) {
  if (!invocation.state_directory.empty()) return invocation.state_directory;
  const std::optional<std::string> directory = LocalDirectory(invocation.log_url);
  return directory.has_value() ? *directory + "/state" : "millrace-state";
}

}  // namespace millrace::worker
