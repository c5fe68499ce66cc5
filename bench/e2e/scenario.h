// One end-to-end measurement: a topology over preloaded topics of a local log, until everything is
// consumed and committed.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "millrace/log.h"
#include "millrace/topology.h"

namespace millrace::bench {

struct Scenario {
  std::string name;
  std::string bound;  // what limits the figure, for the reader
  std::function<absl::StatusOr<Topology>()> topology;
  // Creates and fills the input topics; returns how many records they hold.
  std::function<absl::StatusOr<int64_t>(Log*)> load;
  int threads = 1;
};

struct Result {
  int64_t input_records = 0;
  int64_t processed = 0;  // by all sub-topologies: repartitioned records count again
  int64_t produced = 0;
  double seconds = 0;
  double cpu_seconds = 0;  // of the whole process: engine, log, compactions
};

// Runs in a directory of its own below `root` and removes it.
absl::StatusOr<Result> Measure(const Scenario& scenario, const std::string& root);

}  // namespace millrace::bench
