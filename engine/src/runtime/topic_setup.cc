#include "runtime/topic_setup.h"

#include "absl/strings/str_cat.h"
#include "millrace/status.h"

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
  for (const InternalTopic& topic : plan.internal_topics) {
    MR_RETURN_IF_ERROR(EnsureInternalTopic(topic, log));
  }
  return plan;
}

}  // namespace millrace
