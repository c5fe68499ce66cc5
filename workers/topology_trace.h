// `topology trace`: feeds records to a topology in memory and prints what every step did with them.
#pragma once

#include <vector>

#include "command_io.h"
#include "command_line.h"
#include "millrace/topology.h"

namespace millrace::worker {

// Reads JSON lines as `topic produce`; {"advance_ms":N} moves the clock of wall-clock punctuations.
int TraceTopology(const TopologyTraceCommand& command, const std::vector<Topology>& topologies,
                  CommandIo& io);

}  // namespace millrace::worker
