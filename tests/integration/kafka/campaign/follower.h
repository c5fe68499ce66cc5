// The reader beside the campaign: sees every output as soon as it may be seen, watches the group's
// positions, and says how far the workers are.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "millrace/log.h"

namespace millrace::campaign {

struct FollowOptions {
  std::string application = "campaign";
  std::string seen_file;
  std::string regressions_file;  // a line for each time that a position went back
  std::function<bool()> stop;    // asked often
  // About five times a second: records seen so far, and how many offsets the group has yet to
  // consume (-1: not known at the moment).
  std::function<void(int64_t seen, int64_t lag)> on_progress;
};

// Until `stop` returns true. A log that is away for some time is waited for.
absl::Status Follow(const FollowOptions& options, Log* log);

}  // namespace millrace::campaign
