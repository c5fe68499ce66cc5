// suggestions: whom a user might want to follow. The rule, the picture and the tables are in its
// README.
#pragma once

#include "absl/status/statusor.h"
#include "millrace/topology.h"

namespace millrace::topologies {

absl::StatusOr<Topology> BuildSuggestions();

}  // namespace millrace::topologies
