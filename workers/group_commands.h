// The commands about running applications: `group describe`, `tasks`, `reset`. Each returns the
// process's exit code and has said, on `io`, what went wrong.
#pragma once

#include "command_io.h"
#include "command_line.h"
#include "worker_host.h"

namespace millrace::worker {

// Members with their tasks, and how far each input is behind, in records and seconds.
int DescribeGroup(const GroupDescribeCommand& command, Log& log, CommandIo& io);

// The tasks of this process's engines: running, restoring (how far, how fast), standby (how late).
int ListTasks(const TasksCommand& command, const WorkerHost& host, CommandIo& io);

// Moves the positions of an application, deletes its internal topics and its local state. Refuses
// while it has members or runs in this process.
int ResetApplication(const ResetCommand& command, WorkerHost& host, CommandIo& io);

}  // namespace millrace::worker
