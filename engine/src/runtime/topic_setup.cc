#include "runtime/topic_setup.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "millrace/status.h"
#include "runtime/deployment_log.h"

namespace millrace {
namespace {

// OK as well when another engine made it at the same time.
absl::Status CreateIfMissing(const std::string& topic, const TopicConfig& config, Log* log) {
  absl::Status made = log->CreateTopic(topic, config);
  return absl::IsAlreadyExists(made) ? absl::OkStatus() : made;
}

absl::Status CreateOutsideTopics(const detail::TopologyData& data, const TopicSetup& setup,
                                 Log* log) {
  const TopicConfig config{.partitions = setup.default_partitions};
  for (const std::string& topic : SourceTopics(data)) {
    MR_RETURN_IF_ERROR(CreateIfMissing(topic, config, log));
  }
  for (const std::string& topic : SinkTopics(data)) {
    MR_RETURN_IF_ERROR(CreateIfMissing(topic, config, log));
  }
  return absl::OkStatus();
}

absl::Status EnsureInternalTopic(const InternalTopic& topic, Log* log) {
  MR_RETURN_IF_ERROR(CreateIfMissing(topic.name, topic.config, log));
  MR_ASSIGN_OR_RETURN(TopicDescription found, log->DescribeTopic(topic.name));
  if (found.config.partitions == topic.config.partitions) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "internal topic ", topic.name, " has ", found.config.partitions,
      " partitions, the topology needs ", topic.config.partitions,
      ": a source topic was widened, or the topology has changed; run it under a new application ",
      "id, or restore the old partition counts"));
}

// Refuses to start where state would not go on and nobody said that this is fine.
absl::Status CheckDeployed(const Deployment& wanted, const TopicSetup& setup, Log* log) {
  MR_ASSIGN_OR_RETURN(DeploymentDiff diff, DiffWithDeployed(log, setup.application, wanted));
  using Fate = StateChange::Fate;
  const bool incompatible = diff.Has(Fate::kIncompatible);
  const bool loses = diff.Has(Fate::kLost) && !setup.accept_state_loss;
  if (!incompatible && !loses) return absl::OkStatus();
  std::erase_if(diff.changes, [](const StateChange& change) {
    return change.fate != Fate::kLost && change.fate != Fate::kIncompatible;
  });
  return absl::FailedPreconditionError(absl::StrCat(
      "topology '", wanted.topology, "' does not go on with all the state that application '",
      setup.application, "' has:\n", diff.ToText(),
      incompatible ? "Give what is incompatible a new name"
                   : "Give the state its old name back, or accept the loss (--accept-state-loss)",
      ", or run under another application id (--app). `millrace topology plan ", wanted.topology,
      "` shows all changes."));
}

absl::Status RecordDeployment(const Deployment& wanted, const TopicSetup& setup, Log* log) {
  MR_ASSIGN_OR_RETURN(const std::optional<Deployment> deployed,
                      ReadDeployment(log, setup.application));
  if (deployed == wanted) return absl::OkStatus();
  return WriteDeployment(log, setup.application, wanted);
}

}  // namespace

absl::StatusOr<TaskPlan> SetUpTopics(const detail::TopologyData& data, const TopicSetup& setup,
                                     Log* log) {
  if (setup.auto_create) MR_RETURN_IF_ERROR(CreateOutsideTopics(data, setup, log));
  const auto partitions_of = [log](const std::string& topic) -> std::optional<int32_t> {
    absl::StatusOr<TopicDescription> found = log->DescribeTopic(topic);
    if (!found.ok()) return std::nullopt;
    return found->config.partitions;
  };
  MR_ASSIGN_OR_RETURN(TaskPlan plan, PlanTasks(data, setup.application, partitions_of));
  const Deployment wanted = DeploymentOf(data, plan);
  MR_RETURN_IF_ERROR(CheckDeployed(wanted, setup, log));
  for (const InternalTopic& topic : plan.internal_topics) {
    MR_RETURN_IF_ERROR(EnsureInternalTopic(topic, log));
  }
  MR_RETURN_IF_ERROR(RecordDeployment(wanted, setup, log));
  return plan;
}

}  // namespace millrace
