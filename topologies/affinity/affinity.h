// affinity: how often each user reacted to each author's posts in the last 90 days. The rule, the
// picture and the tables are in its README.
#pragma once

#include "absl/status/statusor.h"
#include "millrace/topology.h"

namespace millrace::topologies {

absl::StatusOr<Topology> BuildAffinity();

}  // namespace millrace::topologies
