// worker::Main: a worker process of your own, with every command of the `millrace` binary.
//
//   int main(int argc, char** argv) {
//     return millrace::worker::Main(argc, argv, {BuildHotPosts, BuildFanOut});
//   }
#pragma once

#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "millrace/topology.h"

namespace millrace::worker {

using TopologyFactory = std::function<absl::StatusOr<Topology>()>;

// Parses the command line, runs the command, returns the process's exit code: 0 done, 1 the command
// failed, 2 the command line was wrong. Handles SIGINT and SIGTERM while it runs: a worker commits
// and stops within five seconds, a second signal ends it at once (nothing is lost either way).
int Main(int argc, char** argv, std::vector<TopologyFactory> topologies);

}  // namespace millrace::worker
