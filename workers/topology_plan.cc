#include "topology_plan.h"

#include <boost/json.hpp>
#include <functional>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/json_text.h"
#include "millrace/status.h"
#include "runtime/deployment_log.h"
#include "runtime/task_plan.h"
#include "runtime/topic_patterns.h"
#include "topic_commands.h"
#include "topology_commands.h"

namespace millrace::worker {
namespace {

// Keeps what a command writes, for another command to read.
class CapturedIo : public CommandIo {
 public:
  bool ReadLine(std::string*) override { return false; }
  bool InputReady() override { return true; }
  bool Write(std::string_view text) override {
    output += text;
    return true;
  }
  void WriteError(std::string_view text) override { error += text; }
  bool Cancelled() const override { return false; }
  bool OutputIsTerminal() const override { return false; }

  std::string output;
  std::string error;
};

const std::string& ApplicationOf(const TopologyPlanCommand& command) {
  return command.application_id.empty() ? command.topology : command.application_id;
}

// What the topology would keep. A topic that is missing counts as `run` would create it.
absl::StatusOr<Deployment> WantedDeployment(
    const TopologyPlanCommand& command, const std::vector<Topology>& topologies,
    const std::vector<std::string>& topics,
    const std::function<std::optional<int32_t>(const std::string&)>& partitions_of) {
  MR_ASSIGN_OR_RETURN(const Topology* found, FindTopology(topologies, command.topology));
  MR_ASSIGN_OR_RETURN(const Topology topology,
                      ResolvePatterns(*found, ApplicationOf(command), topics));
  MR_ASSIGN_OR_RETURN(const TaskPlan plan,
                      PlanTasks(topology.data(), ApplicationOf(command),
                                [&](const std::string& topic) -> std::optional<int32_t> {
                                  return partitions_of(topic).value_or(command.partitions);
                                }));
  return DeploymentOf(topology.data(), plan);
}

absl::StatusOr<std::map<std::string, int32_t>> TopicsOfHolder(const std::string& directory) {
  const auto io = std::make_shared<CapturedIo>();
  MR_ASSIGN_OR_RETURN(const int code, RunRemotely(directory, {"topic", "list", "--json"}, io,
                                                  /*sends_input=*/false));
  if (code != 0) return absl::UnavailableError(io->error);
  std::map<std::string, int32_t> topics;
  size_t begin = 0;
  for (size_t end; (end = io->output.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const boost::json::value topic =
        boost::json::parse(boost::json::string_view(io->output).substr(begin, end - begin));
    topics[std::string(topic.at("topic").as_string())] =
        static_cast<int32_t>(topic.at("partitions").as_array().size());
  }
  return topics;
}

std::string AsJson(const DeploymentDiff& diff) {
  std::string out;
  for (const StateChange& change : diff.changes) {
    out += "{\"fate\":";
    AppendJsonString(FateName(change.fate), &out);
    out += change.kind == StateChange::Kind::kStore ? ",\"store\":" : ",\"repartition\":";
    AppendJsonString(change.name, &out);
    out += ",\"why\":";
    AppendJsonString(change.why, &out);
    out += "}\n";
  }
  return out;
}

std::string Verdict(const DeploymentDiff& diff) {
  using Fate = StateChange::Fate;
  if (diff.Has(Fate::kIncompatible)) {
    return "`run` refuses to start: give what is incompatible a new name, or use another --app\n";
  }
  if (diff.Has(Fate::kLost)) {
    return "`run` refuses to start, unless with --accept-state-loss\n";
  }
  return diff.changes.empty() ? "the topology keeps no state\n" : "nothing is lost\n";
}

absl::StatusOr<Deployment> Wanted(const TopologyPlanCommand& command, WorkerHost& host) {
  if (!command.wanted.empty()) return DecodeDeployment(command.wanted);
  MR_ASSIGN_OR_RETURN(const std::vector<std::string> topics, host.log.ListTopics());
  return WantedDeployment(command, host.topologies, topics,
                          [&host](const std::string& topic) -> std::optional<int32_t> {
                            const auto found = host.log.DescribeTopic(topic);
                            if (!found.ok()) return std::nullopt;
                            return found->config.partitions;
                          });
}

}  // namespace

int PlanTopology(const TopologyPlanCommand& command, WorkerHost& host, CommandIo& io) {
  const std::string& application = ApplicationOf(command);
  const absl::StatusOr<Deployment> wanted = Wanted(command, host);
  if (!wanted.ok()) return Fail(io, wanted.status());
  const auto deployed = ReadDeployment(&host.log, application);
  if (!deployed.ok()) return Fail(io, deployed.status());
  const auto diff = DiffWithDeployed(&host.log, application, *deployed, *wanted);
  if (!diff.ok()) return Fail(io, diff.status());
  if (command.json) {
    io.Write(AsJson(*diff));
  } else {
    io.Write(absl::StrCat("topology '", command.topology, "' as application '", application,
                          deployed->has_value() ? "', against what ran last:\n"
                                                : "', which has not run on this log yet:\n",
                          diff->ToText(), Verdict(*diff)));
  }
  const bool refuses =
      diff->Has(StateChange::Fate::kLost) || diff->Has(StateChange::Fate::kIncompatible);
  return refuses ? 1 : 0;
}

absl::StatusOr<std::vector<std::string>> PlanArgumentsForHolder(
    const TopologyPlanCommand& command, const std::string& directory,
    const std::vector<Topology>& topologies) {
  MR_ASSIGN_OR_RETURN(const auto topics, TopicsOfHolder(directory));
  std::vector<std::string> names;
  names.reserve(topics.size());
  for (const auto& [name, partitions] : topics) names.push_back(name);
  MR_ASSIGN_OR_RETURN(
      const Deployment wanted,
      WantedDeployment(command, topologies, names,
                       [&topics](const std::string& topic) -> std::optional<int32_t> {
                         const auto found = topics.find(topic);
                         if (found == topics.end()) return std::nullopt;
                         return found->second;
                       }));
  std::vector<std::string> arguments = {"topology",
                                        "plan",
                                        command.topology,
                                        "--app",
                                        ApplicationOf(command),
                                        "--wanted",
                                        EncodeDeployment(wanted)};
  if (command.json) arguments.push_back("--json");
  return arguments;
}

}  // namespace millrace::worker
