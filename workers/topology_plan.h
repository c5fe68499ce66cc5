// `topology plan`: what would become of an application's state if this binary's topology replaced
// the one that ran last. The deployed one is on record in the log; the comparison is made by the
// process that holds the log, the wanted side by this one.
#pragma once

#include <string>
#include <vector>

#include "worker_host.h"

namespace millrace::worker {

int PlanTopology(const TopologyPlanCommand& command, WorkerHost& host, CommandIo& io);

// The arguments with which the holder of the log in `directory` makes the comparison for us.
absl::StatusOr<std::vector<std::string>> PlanArgumentsForHolder(
    const TopologyPlanCommand& command, const std::string& directory,
    const std::vector<Topology>& topologies);

}  // namespace millrace::worker
