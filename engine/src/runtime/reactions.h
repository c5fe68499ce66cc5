// The one table of reactions to operating errors (absl::Status) on a worker thread.
#pragma once

#include "absl/status/status.h"

namespace millrace {

enum class Reaction {
  // Drop the transaction, fence older producers, restore the tasks, go on.
  kRestartTasks,
  // Drop the transaction and stop with the error; nothing is lost, a restart goes on from there.
  kStop,
};

inline Reaction ReactionTo(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:  // the log is away, or a commit's outcome unknown
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kInternal:  // a store is sick
      return Reaction::kRestartTasks;
    default:
      // Aborted: another worker took over. ResourceExhausted: no space on the device.
      // DataLoss: the log is damaged. InvalidArgument: poison under ErrorPolicy::Stop().
      return Reaction::kStop;
  }
}

}  // namespace millrace
