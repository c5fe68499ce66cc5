// hot-posts: every minute, the 200 posts that were liked and commented on the most in the last
// hour. What a board is, to the last like, is in the README.
#pragma once

#include "absl/status/statusor.h"
#include "millrace/topology.h"

namespace millrace::topologies {

absl::StatusOr<Topology> BuildHotPosts();

}  // namespace millrace::topologies
