// cdc-normalise: the change topics of the database, each change once, whole, and in its order, for
// all topologies that do not read them themselves. Rules, picture and tables are in the README.
#pragma once

#include "absl/status/statusor.h"
#include "millrace/topology.h"

namespace millrace::topologies {

absl::StatusOr<Topology> BuildCdcNormalise();

}  // namespace millrace::topologies
