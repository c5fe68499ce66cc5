// Named moments of the commit protocol at which a test may kill the process or fail the commit.
#pragma once

#include <functional>

namespace millrace {

enum class CrashPoint {
  kBeforeChangelog,  // outputs are in the open transaction, no changelog record is
  kAfterChangelog,   // all of the transaction is with the producer
  kAfterLogCommit,   // the log has it; the stores do not
  kBetweenStores,    // some tasks' stores have it, others not (called between two tasks)
  kAfterApply,       // all done
};

// Called on the worker's thread. Empty in production.
using CrashHook = std::function<void(CrashPoint)>;

// For tests that kill whole processes: every engine that starts afterwards calls `hook`. Before
// any other thread runs.
void InstallCrashHook(CrashHook hook);
const CrashHook& InstalledCrashHook();

}  // namespace millrace
