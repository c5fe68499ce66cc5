// Sources that read every topic whose name matches a pattern. Which ones those are is decided at
// the start: the rest of the runtime sees plain topics. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "millrace/topology.h"

namespace millrace {

bool HasPatterns(const detail::TopologyData& data);

// The topology with each pattern replaced by those of `topics` that match it; itself if it has no
// patterns. Never matched: the application's internal topics, names that begin with "__", and the
// dead letters of what the topology reads. NotFound: nothing matches. FailedPrecondition: a topic
// would be read twice.
absl::StatusOr<Topology> ResolvePatterns(const Topology& topology, const std::string& application,
                                         const std::vector<std::string>& topics);

}  // namespace millrace
