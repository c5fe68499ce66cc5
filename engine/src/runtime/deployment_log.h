// The record of what is deployed, in the log: topic "__millrace-deployments", one row per
// application id, the newest counts.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "millrace/log.h"
#include "runtime/task_plan.h"
#include "topology/deployment.h"

namespace millrace {

inline constexpr char kDeploymentsTopic[] = "__millrace-deployments";

// What the topology would keep under this plan.
Deployment DeploymentOf(const detail::TopologyData& data, const TaskPlan& plan);

// nullopt: nothing was ever started under that id.
absl::StatusOr<std::optional<Deployment>> ReadDeployment(Log* log, const std::string& application);
// As durable as a commit when it returns.
absl::Status WriteDeployment(Log* log, const std::string& application,
                             const Deployment& deployment);

// From now on nothing is deployed under that id. As durable as a commit when it returns.
absl::Status ForgetDeployment(Log* log, const std::string& application);

// Compares with what is deployed, as ReadDeployment() says. A repartition topic that is drained is
// no loss: it is left out.
absl::StatusOr<DeploymentDiff> DiffWithDeployed(Log* log, const std::string& application,
                                                const std::optional<Deployment>& deployed,
                                                const Deployment& wanted);

}  // namespace millrace
