// The metrics that tasks of one topology share on one worker thread. Names: docs/metrics.md.
#pragma once

#include <array>
#include <string>

#include "millrace/metrics.h"

namespace millrace {

struct TaskMetrics {
  // `metrics` must outlive it.
  TaskMetrics(MetricsRegistry* metrics, const std::string& topology, int thread);

  MetricsRegistry* registry;
  Counter* processed;
  Counter* produced;
  std::array<Counter*, 5> dropped;  // by detail::Drop
  Counter* dropped_negative_time;
  Counter* poison_skipped;
  Counter* poison_dead_letter;
  Counter* commits;
  Counter* restored;
  Counter* quarantined;
  Counter* restarts;
  Histogram* commit_seconds;
};

}  // namespace millrace
