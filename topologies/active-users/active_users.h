// active-users: the hundred users who did the most in the last hour, for those who prepare feeds
// ahead of time. Rules, picture and tables are in the README.
#pragma once

#include "absl/status/statusor.h"
#include "millrace/topology.h"

namespace millrace::topologies {

absl::StatusOr<Topology> BuildActiveUsers();

}  // namespace millrace::topologies
