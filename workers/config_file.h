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
//   [kafka]                       # the client's properties, and settings of ours
//   security.protocol = "SASL_SSL"  # (kafka_settings.h)
//   sasl.username = "feed"
//   sasl.password_file = "/run/secrets/kafka"
//   replication-factor = 3
//
// A secret that is written out is taken only from a file that nobody but its owner may read.
#pragma once

#include "absl/status/status.h"
#include "command_line.h"

namespace millrace::worker {

// Fills what the command line left open: from MILLRACE_LOG and MILLRACE_STATE, then from --config's
// file, then the defaults. InvalidArgument names file, line and key.
absl::Status ApplySettings(Invocation* invocation);

}  // namespace millrace::worker
