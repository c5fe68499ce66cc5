// SIGINT and SIGTERM as a flag that commands look at; a second signal ends the process at once.
#pragma once

#include "millrace/time.h"

namespace millrace::worker {

// Call once, before any thread is started. Also ignores SIGPIPE, so that a closed pipe is an error
// of the write.
void InstallSignalHandlers();

// True after the first SIGINT or SIGTERM. Any thread.
bool StopRequested();

// Readable from the first signal on, for poll(2) beside other descriptors.
int StopDescriptor();

// Blocks until a signal came (true) or `timeout` passed. Main thread.
bool WaitForStop(Duration timeout);

}  // namespace millrace::worker
