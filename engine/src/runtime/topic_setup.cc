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

const char* NameOf(Cleanup cleanup) {
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

// A topic that somebody made by hand, or changed: a changelog that deletes loses state, and a
// repartition topic that compacts or forgets loses records.
absl::Status CheckCleanup(const InternalTopic& wanted, const TopicConfig& found) {
  const auto refuse = [&](const std::string& setting, const std::string& is,
                          const std::string& needs) {
    return absl::FailedPreconditionError(
        absl::StrCat("internal topic ", wanted.name, " has ", setting, "=", is, " and needs ",
                     needs, ": set it with the log's own tools, or delete the topic ",
                     "while the application is stopped and let `millrace reset` begin anew"));
  };
  if (found.cleanup != wanted.config.cleanup) {
    return refuse("cleanup.policy", NameOf(found.cleanup), NameOf(wanted.config.cleanup));
  }
  if (wanted.config.cleanup == Cleanup::kCompact || !found.retention.has_value()) {
    return absl::OkStatus();
  }
  if (wanted.config.retention.has_value() && *found.retention >= *wanted.config.retention) {
    return absl::OkStatus();
  }
  return refuse("retention.ms", absl::StrCat(found.retention->count()),
                wanted.config.retention.has_value()
                    ? absl::StrCat(wanted.config.retention->count(), " or more")
                    : "-1");
}

// A changelog keeps rows for at least as long as its store does, also one whose store keeps them
// for longer than it did.
absl::Status GrowRetention(const InternalTopic& wanted, Log* log, TopicConfig* found) {
  const bool less = wanted.config.retention.has_value() && found->retention.has_value() &&
                    *found->retention < *wanted.config.retention;
  if (!less || found->cleanup != wanted.config.cleanup) return absl::OkStatus();
  const absl::Status grown = log->SetRetention(wanted.name, wanted.config.retention);
  if (absl::IsUnimplemented(grown)) return absl::OkStatus();  // refused below
  found->retention = wanted.config.retention;
  return grown;
}

absl::Status EnsureInternalTopic(const InternalTopic& topic, Log* log) {
  MR_RETURN_IF_ERROR(CreateIfMissing(topic.name, topic.config, log));
  MR_ASSIGN_OR_RETURN(TopicConfig found, log->DescribeConfig(topic.name));
  if (found.partitions == topic.config.partitions) {
    MR_RETURN_IF_ERROR(GrowRetention(topic, log, &found));
    return CheckCleanup(topic, found);
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "internal topic ", topic.name, " has ", found.partitions, " partitions, the topology needs ",
      topic.config.partitions,
      ": a source topic was widened, or the topology has changed; run it under a new application ",
      "id, or restore the old partition counts"));
}

// Refuses to start where state would not go on and nobody said that this is fine.
absl::Status CheckDeployed(const std::optional<Deployment>& deployed, const Deployment& wanted,
                           const TopicSetup& setup, Log* log) {
  MR_ASSIGN_OR_RETURN(DeploymentDiff diff,
                      DiffWithDeployed(log, setup.application, deployed, wanted));
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

}  // namespace

absl::StatusOr<TaskPlan> SetUpTopics(const detail::TopologyData& data, const TopicSetup& setup,
                                     Log* log) {
  if (setup.auto_create) MR_RETURN_IF_ERROR(CreateOutsideTopics(data, setup, log));
  absl::Status unanswered;  // anything but "there is no such topic"
  const auto partitions_of = [&](const std::string& topic) -> std::optional<int32_t> {
    const absl::StatusOr<std::vector<PartitionDescription>> found = log->DescribePartitions(topic);
    if (found.ok()) return static_cast<int32_t>(found->size());
    if (!absl::IsNotFound(found.status())) unanswered.Update(found.status());
    return std::nullopt;
  };
  absl::StatusOr<TaskPlan> planned = PlanTasks(data, setup.application, partitions_of);
  MR_RETURN_IF_ERROR(unanswered);
  MR_ASSIGN_OR_RETURN(TaskPlan plan, std::move(planned));
  const Deployment wanted = DeploymentOf(data, plan);
  MR_ASSIGN_OR_RETURN(const std::optional<Deployment> deployed,
                      ReadDeployment(log, setup.application));
  MR_RETURN_IF_ERROR(CheckDeployed(deployed, wanted, setup, log));
  for (const InternalTopic& topic : plan.internal_topics) {
    MR_RETURN_IF_ERROR(EnsureInternalTopic(topic, log));
  }
  if (deployed != wanted) {
    MR_RETURN_IF_ERROR(WriteDeployment(log, setup.application, wanted));
  }
  return plan;
}

}  // namespace millrace
