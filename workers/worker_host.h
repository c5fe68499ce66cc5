// WorkerHost: what commands run on inside one process: its log, its topologies and, in a running
// worker, its engines. The command line and the control socket execute the same code on it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "command_io.h"
#include "command_line.h"
#include "control_socket.h"
#include "millrace/engine.h"
#include "millrace/log.h"
#include "type_catalog.h"

namespace millrace::worker {

struct WorkerHost {
  const std::vector<Topology>& topologies;
  const TypeCatalog& catalog;
  Log& log;
  std::string state_directory;
  std::vector<std::unique_ptr<Engine>> engines;  // running ones; filled before clients are served

  Engine* FindEngine(const std::string& topology) const;
};

// Runs any command but `run` and the `topology` ones; returns the exit code. Thread-safe as far as
// the host is not changed.
int ExecuteOnHost(const Command& command, WorkerHost& host, CommandIo& io);

// Answers the commands of other processes, as long as the server lives, in ControlDirectory().
// `host` is borrowed.
absl::StatusOr<std::unique_ptr<ControlServer>> ServeOthers(const std::string& log_url,
                                                           WorkerHost* host);
// Where a worker listens: in the directory of a local log, whose only holder it is; on other logs,
// which many workers share, in its state directory. Empty: there is no such place (memory:).
std::string ControlDirectory(const std::string& log_url, const std::string& state_directory);

// `state scan`.
int ScanState(const StateScanCommand& command, WorkerHost& host, CommandIo& io);

// `run`: until a signal, an error or, with --until-idle, until everything is consumed.
int RunWorker(const RunCommand& command, const Invocation& invocation,
              const std::vector<Topology>& topologies, CommandIo& io);

// The directory of a "local:" URL; nullopt for other logs.
std::optional<std::string> LocalDirectory(const std::string& log_url);
// Where state lies: what was configured, else inside the local log's directory.
std::string StateDirectory(const Invocation& invocation);

}  // namespace millrace::worker
