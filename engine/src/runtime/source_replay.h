// Brings the stores of a task whose changelog is the topic of their source up to where the task
// goes on: their steps run again on the records that the files lack, and forward to nobody. Records
// that do not decode, or on which a step throws, were dealt with when they came first.
#pragma once

#include <string>

#include "millrace/detail/topology_data.h"
#include "millrace/log.h"
#include "runtime/task_metrics.h"
#include "source/future_limit.h"
#include "store/task_stores.h"

namespace millrace {

struct ReplayRequest {
  const detail::TopologyData* data;
  const detail::SubtopologySpec* subtopology;
  TaskId task;
  std::string application;
  TaskStores* stores;
  Log* log;
  const GroupOffsets* committed;
  const Clock* clock;
  FutureLimit future;
  TaskMetrics* metrics;
};

// OutOfRange: a store's position does not lie within what the task has consumed of its topic; the
// directory must be moved aside, and everything read again. What was replayed is in the stores'
// backends.
absl::Status ReplaySources(const ReplayRequest& request);

}  // namespace millrace
