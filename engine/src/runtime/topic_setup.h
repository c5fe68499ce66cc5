// Brings the log's topics in line with a topology's plan before its tasks start.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "millrace/detail/topology_data.h"
#include "millrace/log.h"
#include "runtime/task_plan.h"

namespace millrace {

struct TopicSetup {
  std::string application;
  bool auto_create = true;  // outside topics; internal ones are always made
  int default_partitions = 4;
  bool accept_state_loss = false;
};

// Creates what is missing, records what is deployed, and returns the plan. FailedPrecondition: the
// topology would lose state of the deployed one (and that is not accepted), or an internal topic
// has another partition count than the topology needs now.
absl::StatusOr<TaskPlan> SetUpTopics(const detail::TopologyData& data, const TopicSetup& setup,
                                     Log* log);

}  // namespace millrace
