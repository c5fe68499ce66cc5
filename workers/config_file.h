// The TOML configuration file and the environment, as defaults behind the command line's flags.
//
//   log = "local:/var/lib/millrace"
//   state = "/var/lib/millrace/state"
//   [run]
//   topologies = ["feed-fan-out", "hot-posts"]
//   threads = 2
//   partitions = 16
//   commit-interval = "100ms"
//   app = "feed"
#pragma once

#include "absl/status/status.h"
#include "command_line.h"

namespace millrace::worker {

// Fills what the command line left open: from MILLRACE_LOG and MILLRACE_STATE, then from --config's
// file, then the defaults. InvalidArgument names file, line and key.
absl::Status ApplySettings(Invocation* invocation);

}  // namespace millrace::worker
