// The worker that is measured.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "bench/kafka/topologies.h"
#include "millrace/engine.h"

namespace millrace::bench::kafka {

struct RunOptions {
  TopologyChoice topology;
  EngineOptions engine;
  bool until_idle = false;  // stops when everything is read and committed
};

// Runs the topology until `stop` returns true, which may block for a moment. Prints, a line each,
// as bench/peer does: "restored N" if it had to and "running" once all of its tasks run, "processed
// N" meanwhile, and at the end "commits N p50 MS p99 MS" and "stopped".
absl::Status RunTopology(const RunOptions& options, Log* log, const std::function<bool()>& stop);

}  // namespace millrace::bench::kafka
