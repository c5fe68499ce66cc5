#include "runtime/task_plan.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "base/checksum.h"
#include "millrace/status.h"

namespace millrace {
namespace {

using detail::NodeId;
using detail::NodeSpec;
using detail::TopicRef;
using detail::TopologyData;

// Finds partition counts: given ones first, then those of repartition topics, until nothing moves.
class Counts {
 public:
  explicit Counts(const TopologyData& data) : data_(data) {}

  absl::Status AddOutside(
      const std::function<std::optional<int32_t>(const std::string&)>& partitions_of) {
    std::vector<std::string> missing;
    for (const std::string& topic : SourceTopics(data_)) {
      const std::optional<int32_t> count = partitions_of(topic);
      if (count.has_value()) {
        counts_[{topic, false}] = *count;
      } else {
        missing.push_back(topic);
      }
    }
    if (missing.empty()) return absl::OkStatus();
    return absl::NotFoundError(absl::StrCat(
        "topology '", data_.name, "': source topic", missing.size() > 1 ? "s" : "",
        " missing: ", absl::StrJoin(missing, ", "), "; create with `millrace topic create NAME`"));
  }

  void AddRepartitions() {
    for (const detail::RepartitionSpec& spec : data_.repartitions) {
      if (spec.partitions.has_value()) counts_[{spec.name, true}] = *spec.partitions;
    }
    for (bool moved = true; moved;) {
      moved = false;
      for (const detail::RepartitionSpec& spec : data_.repartitions) {
        const TopicRef topic{spec.name, true};
        if (counts_.contains(topic)) continue;
        int32_t count = FromCopartitions(topic);
        if (count == 0) count = FromUpstream(topic);
        if (count == 0) continue;
        counts_[topic] = count;
        moved = true;
      }
    }
  }

  // 0 = unknown.
  int32_t of(const TopicRef& topic) const {
    const auto it = counts_.find(topic);
    return it == counts_.end() ? 0 : it->second;
  }

 private:
  // What the topics demand beside which it is read.
  int32_t FromCopartitions(const TopicRef& topic) const {
    int32_t count = 0;
    for (const detail::CopartitionGroup& group : data_.copartitions) {
      if (std::find(group.topics.begin(), group.topics.end(), topic) == group.topics.end())
        continue;
      for (const TopicRef& other : group.topics) count = std::max(count, of(other));
    }
    return count;
  }

  // As many as the widest source of the sub-topology that writes it; all of them must be known.
  int32_t FromUpstream(const TopicRef& topic) const {
    int32_t count = 0;
    for (const detail::SubtopologySpec& sub : data_.subtopologies) {
      const bool writes = std::any_of(sub.nodes.begin(), sub.nodes.end(), [&](NodeId id) {
        const NodeSpec& node = data_.node(id);
        return node.kind == NodeSpec::Kind::kSink && node.topic_chooser == nullptr &&
               node.sink_topic == topic;
      });
      if (!writes) continue;
      for (const TopicRef& source : sub.source_topics) {
        if (of(source) == 0) return 0;
        count = std::max(count, of(source));
      }
    }
    return count;
  }

  const TopologyData& data_;
  std::map<TopicRef, int32_t> counts_;
};

absl::Status CheckCopartitions(const TopologyData& data, const std::string& application,
                               const Counts& counts) {
  for (const detail::CopartitionGroup& group : data.copartitions) {
    std::set<int32_t> distinct;
    std::vector<std::string> listed;
    for (const TopicRef& topic : group.topics) {
      distinct.insert(counts.of(topic));
      listed.push_back(absl::StrCat(RealTopicName(application, topic), " has ", counts.of(topic)));
    }
    if (distinct.size() > 1) {
      return absl::FailedPreconditionError(absl::StrCat(
          "topology '", data.name, "': topics that are read side by side need equal partition ",
          "counts (", group.reason, "): ", absl::StrJoin(listed, ", "),
          "; recreate one of them, or put Repartition() before the step"));
    }
  }
  return absl::OkStatus();
}

TopicConfig ChangelogConfig(const detail::StoreSpec& store, int32_t partitions) {
  TopicConfig config{.partitions = partitions, .cleanup = Cleanup::kCompact};
  // The latest version of a key never gets too old.
  if (store.kind == detail::StoreKind::kWindow || store.kind == detail::StoreKind::kSession) {
    config.cleanup = Cleanup::kCompactAndDelete;
    // A day more than the store needs, as Kafka Streams: clocks and event times may differ.
    config.retention = store.retention + std::chrono::hours(24);
  }
  return config;
}

void AddInternalTopics(const TopologyData& data, const std::string& application,
                       const Counts& counts, TaskPlan* plan) {
  for (const detail::RepartitionSpec& spec : data.repartitions) {
    const TopicRef topic{spec.name, true};
    plan->internal_topics.push_back({RealTopicName(application, topic),
                                     {.partitions = counts.of(topic), .purge_consumed = true}});
  }
  for (size_t i = 0; i < data.subtopologies.size(); ++i) {
    for (const std::string& name : data.subtopologies[i].stores) {
      const detail::StoreSpec* store = data.FindStore(name);
      if (!store->changelog) continue;
      plan->internal_topics.push_back(
          {ChangelogTopicName(application, name),
           ChangelogConfig(*store, plan->partitions_of_subtopology[i])});
    }
  }
}

}  // namespace

std::string RealTopicName(const std::string& application, const TopicRef& topic) {
  return topic.internal ? absl::StrCat(application, "-", topic.name, "-repartition") : topic.name;
}

std::vector<TopicPartition> InputsOf(const TopologyData& data, const std::string& application,
                                     const TaskId& task) {
  std::vector<TopicPartition> inputs;
  for (const NodeId id : data.subtopologies[static_cast<size_t>(task.subtopology)].nodes) {
    const NodeSpec& node = data.node(id);
    if (node.kind != NodeSpec::Kind::kSource) continue;
    for (const TopicRef& topic : node.topics) {
      inputs.push_back({RealTopicName(application, topic), task.partition});
    }
  }
  return inputs;
}

std::string ChangelogTopicName(const std::string& application, const std::string& store) {
  return absl::StrCat(application, "-", store, "-changelog");
}

std::string PlanFingerprint(const TaskPlan& plan) {
  std::string text;
  for (const TaskId& task : plan.tasks) absl::StrAppend(&text, task.ToString(), "\n");
  for (const TopicPartition& input : plan.inputs) absl::StrAppend(&text, input.ToString(), "\n");
  return absl::StrFormat("%08x", static_cast<uint32_t>(Checksum64(text)));
}

std::vector<std::string> SourceTopics(const TopologyData& data) {
  std::set<std::string> topics;
  for (const NodeSpec& node : data.nodes) {
    if (node.kind != NodeSpec::Kind::kSource) continue;
    for (const TopicRef& topic : node.topics) {
      if (!topic.internal && !topic.pattern) topics.insert(topic.name);
    }
  }
  return {topics.begin(), topics.end()};
}

std::vector<std::string> SinkTopics(const TopologyData& data) {
  std::set<std::string> topics;
  for (const NodeSpec& node : data.nodes) {
    if (node.kind == NodeSpec::Kind::kSink && node.topic_chooser == nullptr &&
        !node.sink_topic.internal) {
      topics.insert(node.sink_topic.name);
    }
  }
  return {topics.begin(), topics.end()};
}

absl::StatusOr<TaskPlan> PlanTasks(
    const TopologyData& data, const std::string& application,
    const std::function<std::optional<int32_t>(const std::string& topic)>& partitions_of) {
  Counts counts(data);
  MR_RETURN_IF_ERROR(counts.AddOutside(partitions_of));
  counts.AddRepartitions();
  MR_RETURN_IF_ERROR(CheckCopartitions(data, application, counts));

  TaskPlan plan;
  for (size_t i = 0; i < data.subtopologies.size(); ++i) {
    int32_t partitions = 0;
    if (data.subtopologies[i].global) {
      plan.partitions_of_subtopology.push_back(partitions);
      continue;
    }
    for (const TopicRef& topic : data.subtopologies[i].source_topics) {
      const int32_t count = counts.of(topic);
      if (count == 0) {
        return absl::FailedPreconditionError(absl::StrCat(
            "topology '", data.name, "': the partition count of repartition topic '", topic.name,
            "' depends on itself; give it one with Repartition(name, {.partitions = N})"));
      }
      partitions = std::max(partitions, count);
      for (int32_t p = 0; p < count; ++p) {
        plan.inputs.push_back({RealTopicName(application, topic), PartitionId(p)});
      }
    }
    plan.partitions_of_subtopology.push_back(partitions);
    for (int32_t p = 0; p < partitions; ++p) {
      plan.tasks.push_back({static_cast<int32_t>(i), PartitionId(p)});
    }
  }
  AddInternalTopics(data, application, counts, &plan);
  return plan;
}

}  // namespace millrace
