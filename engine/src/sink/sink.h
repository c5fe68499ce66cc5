// Sink: the last node of a path; encodes records and hands them to the collector.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "millrace/detail/erased_processor.h"
#include "millrace/detail/topology_data.h"
#include "sink/record_collector.h"

namespace millrace {

// `topic` is the sink's resolved topic (ignored when it chooses topics). A record goes to the
// partition of the sink's partitioner, else of its key's murmur2 hash, else (null key) of the task.
// `spec` and `collector` must outlive the sink.
std::unique_ptr<detail::ErasedProcessor> MakeSink(const detail::NodeSpec* spec, std::string topic,
                                                  PartitionId task_partition,
                                                  RecordCollector* collector);

}  // namespace millrace
