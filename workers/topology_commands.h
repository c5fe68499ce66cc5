// The `topology` commands: what this binary could run. They need no log.
#pragma once

#include <vector>

#include "command_io.h"
#include "command_line.h"
#include "millrace/topology.h"

namespace millrace::worker {

int ListTopologies(const TopologyListCommand& command, const std::vector<Topology>& topologies,
                   CommandIo& io);
int DescribeTopology(const TopologyDescribeCommand& command,
                     const std::vector<Topology>& topologies, CommandIo& io);

// The topology of that name; NotFound lists those that there are.
absl::StatusOr<const Topology*> FindTopology(const std::vector<Topology>& topologies,
                                             const std::string& name);

}  // namespace millrace::worker
