// NodeObserver: sees every record that goes into and comes out of every step of a topology, as
// text. For traces, logs and tests: the topology does the same with and without it, more slowly.
//
//   TopologyDriver driver(Observed(topology, &observer));
#pragma once

#include <string>

#include "millrace/ids.h"
#include "millrace/time.h"
#include "millrace/topology.h"

namespace millrace {

// A record as JSON texts. On a table's edge `value` is the new row; `old_value` is the one before
// it where the step is told.
struct ObservedRecord {
  std::string key;
  std::string value;
  std::string old_value;  // "null" also where it is not told
  Timestamp timestamp = kNoTimestamp;
};

class NodeObserver {
 public:
  virtual ~NodeObserver() = default;
  // Called on the task's thread: on several, if several threads run the topology.
  // `from_source`: the record comes right out of a source, so a new input record begins here (once
  // for each child of the source).
  virtual void OnInput(const TaskId& task, const std::string& node, const ObservedRecord& record,
                       bool from_source) = 0;
  virtual void OnOutput(const TaskId& task, const std::string& node,
                        const ObservedRecord& record) = 0;
  virtual void OnPunctuation(const TaskId& task, const std::string& node, Timestamp time) = 0;
};

// The same topology, watched. Sources and sinks are seen through their neighbours. `observer` is
// borrowed and must outlive whatever runs the result.
Topology Observed(const Topology& topology, NodeObserver* observer);

}  // namespace millrace
