// FaultLog: a Log whose commits and fetches fail when a test says so; everything else goes to the
// log behind it.
#pragma once

#include <functional>
#include <memory>

#include "millrace/log.h"

namespace millrace {

enum class CommitFault {
  kNone,
  kNoSpace,        // ResourceExhausted, nothing is written, the transaction stays open
  kUnavailable,    // nothing is written, the transaction is gone
  kUnknownBefore,  // the outcome is unknown to the caller: nothing was written...
  kUnknownAfter,   // ...or all of it was
};

struct Faults {
  // Asked before every commit. Null: no faults.
  std::function<CommitFault()> on_commit;
  // Asked before every fetch; not OK is returned instead of records. Null: no faults.
  std::function<absl::Status()> on_fetch;
};

// `log` and `faults` must outlive the result and its readers and producers.
std::unique_ptr<Log> NewFaultLog(Log* log, const Faults* faults);

}  // namespace millrace
