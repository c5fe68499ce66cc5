// The Unix socket in a local log's directory: the process that holds the log runs other processes'
// commands for them, so that a command works the same whether a worker is running or not.
//
// Frames in both directions: [channel u8][length u32 BE][payload]. The client sends its arguments
// (a JSON list), then its standard input; the server answers with output, errors and an exit code.
// The socket's file has mode 0600: who may open the log's files may talk to its holder.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "command_io.h"

namespace millrace::worker {

// Runs a command for a client; called on a thread of its own, several at a time.
using RemoteHandler = std::function<int(const std::vector<std::string>& arguments, CommandIo& io)>;

// Listens in `directory` until it is destroyed; then tells the commands that still run to stop
// (CommandIo::HolderStops) and waits for them.
class ControlServer {
 public:
  // Unavailable: the socket cannot be made (a path that is too long, no permission).
  static absl::StatusOr<std::unique_ptr<ControlServer>> Start(const std::string& directory,
                                                              RemoteHandler handler);
  virtual ~ControlServer() = default;
};

// Sends a command to the holder, with the lines of `io` as its input if `sends_input`, and copies
// its output to `io`; returns its exit code.
// Unavailable: the holder does not listen (it is starting, stopping, or a short command itself) and
// nothing was done. Aborted: it was killed while the command ran. Cancelled: io.Cancelled().
absl::StatusOr<int> RunRemotely(const std::string& directory,
                                const std::vector<std::string>& arguments,
                                std::shared_ptr<CommandIo> io, bool sends_input);

}  // namespace millrace::worker
