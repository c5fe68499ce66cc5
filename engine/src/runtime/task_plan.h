// The plan of a running topology: real topic names, partition counts, tasks. Pure functions over
// TopologyData and what the log says about the topics that are not the topology's own.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "millrace/detail/topology_data.h"
#include "millrace/log.h"

namespace millrace {

// "<app>-<name>-repartition" for internal topics, the name itself for others.
std::string RealTopicName(const std::string& application, const detail::TopicRef& topic);
std::string ChangelogTopicName(const std::string& application, const std::string& store);

struct InternalTopic {
  std::string name;
  TopicConfig config;
};

struct TaskPlan {
  std::vector<InternalTopic> internal_topics;
  std::vector<TaskId> tasks;           // sub-topology by sub-topology
  std::vector<TopicPartition> inputs;  // of all tasks, repartition topics included
  std::vector<int32_t> partitions_of_subtopology;
};

// `partitions_of` gives the partition count of an outside topic; nullopt: there is none.
// NotFound: a source topic is missing; FailedPrecondition: topics that must be co-partitioned are
// not. Messages name the topics, their counts and the step that needs them.
absl::StatusOr<TaskPlan> PlanTasks(
    const detail::TopologyData& data, const std::string& application,
    const std::function<std::optional<int32_t>(const std::string& topic)>& partitions_of);

// Tells plans apart whose tasks differ: eight hexadecimal digits.
std::string PlanFingerprint(const TaskPlan& plan);

// What a task reads. A topic that is narrower than its sub-topology may lack the partition.
std::vector<TopicPartition> InputsOf(const detail::TopologyData& data,
                                     const std::string& application, const TaskId& task);

// The topics outside of the topology that it reads, and those it writes by a fixed name.
std::vector<std::string> SourceTopics(const detail::TopologyData& data);
std::vector<std::string> SinkTopics(const detail::TopologyData& data);

}  // namespace millrace
