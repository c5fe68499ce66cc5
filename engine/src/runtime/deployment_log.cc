#include "runtime/deployment_log.h"

#include "absl/strings/str_cat.h"
#include "millrace/status.h"

namespace millrace {
namespace {

const TopicPartition& ThePartition() {
  static const TopicPartition partition{kDeploymentsTopic, PartitionId(0)};
  return partition;
}

// Records of a topic that the application has not committed yet.
absl::StatusOr<int64_t> Waiting(Log* log, const std::string& application,
                                const std::string& topic) {
  const absl::StatusOr<TopicDescription> found = log->DescribeTopic(topic);
  if (absl::IsNotFound(found.status())) return 0;
  MR_RETURN_IF_ERROR(found.status());
  MR_ASSIGN_OR_RETURN(const GroupOffsets committed, log->CommittedOffsets(application));
  int64_t waiting = 0;
  for (size_t i = 0; i < found->partitions.size(); ++i) {
    const auto at = committed.find({topic, PartitionId(static_cast<int32_t>(i))});
    const Offset begin = found->partitions[i].begin;
    const Offset next = at == committed.end() ? begin : std::max(begin, at->second.next);
    waiting += found->partitions[i].end.value() - next.value();
  }
  return waiting;
}

absl::Status WriteRow(Log* log, const std::string& application,
                      std::optional<std::string_view> json) {
  MR_ASSIGN_OR_RETURN(const std::unique_ptr<LogProducer> producer, log->NewProducer({}));
  MR_ASSIGN_OR_RETURN(const TopicHandle topic, producer->OpenTopic(kDeploymentsTopic));
  const OutgoingRecord record{application, json, Clock::System()->Now(), &Headers::Empty()};
  MR_RETURN_IF_ERROR(producer->Produce(topic, PartitionId(0), record));
  return producer->Commit({}).status();
}

}  // namespace

Deployment DeploymentOf(const detail::TopologyData& data, const TaskPlan& plan) {
  std::vector<int32_t> repartitions;
  for (size_t i = 0; i < data.repartitions.size(); ++i) {
    repartitions.push_back(plan.internal_topics[i].config.partitions);
  }
  return DeploymentOf(data, plan.partitions_of_subtopology, repartitions);
}

absl::StatusOr<std::optional<Deployment>> ReadDeployment(Log* log, const std::string& application) {
  std::optional<Deployment> newest;
  const absl::StatusOr<PartitionDescription> bounds = log->DescribeSettled(ThePartition());
  if (absl::IsNotFound(bounds.status())) return newest;
  MR_RETURN_IF_ERROR(bounds.status());
  MR_ASSIGN_OR_RETURN(const std::unique_ptr<LogReader> reader, log->NewReader());
  Offset next = bounds->begin;
  MR_RETURN_IF_ERROR(reader->Assign(ThePartition(), next));
  while (next < bounds->end) {
    MR_ASSIGN_OR_RETURN(const RecordBatch batch,
                        FetchOnward(reader.get(), ThePartition(), next, 1 << 20));
    for (const RecordView& record : batch.records) {
      if (record.key != application) continue;
      newest.reset();
      if (!record.value.has_value()) continue;
      MR_ASSIGN_OR_RETURN(newest, DecodeDeployment(*record.value));
    }
    next = batch.next_offset;
  }
  return newest;
}

absl::Status WriteDeployment(Log* log, const std::string& application,
                             const Deployment& deployment) {
  const absl::Status made = log->CreateTopic(kDeploymentsTopic, {.cleanup = Cleanup::kCompact});
  if (!made.ok() && !absl::IsAlreadyExists(made)) return made;
  return WriteRow(log, application, EncodeDeployment(deployment));
}

absl::Status ForgetDeployment(Log* log, const std::string& application) {
  MR_ASSIGN_OR_RETURN(const std::optional<Deployment> deployed, ReadDeployment(log, application));
  return deployed.has_value() ? WriteRow(log, application, std::nullopt) : absl::OkStatus();
}

absl::StatusOr<DeploymentDiff> DiffWithDeployed(Log* log, const std::string& application,
                                                const std::optional<Deployment>& deployed,
                                                const Deployment& wanted) {
  const DeploymentDiff all =
      CompareDeployments(deployed.value_or(Deployment{.topology = wanted.topology}), wanted);
  DeploymentDiff diff;
  for (const StateChange& change : all.changes) {
    diff.changes.push_back(change);
    const bool dropped =
        change.fate == StateChange::Fate::kLost && change.kind == StateChange::Kind::kRepartition;
    if (!dropped) continue;
    MR_ASSIGN_OR_RETURN(
        const int64_t waiting,
        Waiting(log, application, RealTopicName(application, {change.name, /*internal=*/true})));
    diff.changes.back().why =
        absl::StrCat(waiting, " records wait in it; let the deployed topology consume them first");
    if (waiting == 0) diff.changes.pop_back();
  }
  return diff;
}

}  // namespace millrace
