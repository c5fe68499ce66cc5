#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/json_text.h"
#include "control_frames.h"
#include "control_socket.h"
#include "millrace/status.h"

namespace millrace::worker {
namespace {

class Connection {
 public:
  ~Connection() {
    if (socket_ >= 0) ::close(socket_);
  }

  absl::Status Connect(const std::string& directory) {
    SocketPath path(directory);
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.path().c_str(), sizeof(address.sun_path) - 1);
    socket_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket_ >= 0 &&
        ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
      return absl::OkStatus();
    }
    return absl::UnavailableError(
        absl::StrCat("no answer on ", directory, "/", kSocketName, ": ", std::strerror(errno)));
  }

  int socket() const { return socket_; }

 private:
  int socket_ = -1;
};

std::string EncodeArguments(const std::vector<std::string>& arguments, bool terminal) {
  std::string out = "{\"arguments\":[";
  const char* separator = "";
  for (const std::string& argument : arguments) {
    out += separator;
    AppendJsonString(argument, &out);
    separator = ",";
  }
  absl::StrAppend(&out, "],\"terminal\":", terminal ? "true" : "false", "}");
  return out;
}

// Copies input to the server in large frames, so that a big file is not a frame per line; but what
// a slow pipe has said goes on at once.
void SendInput(int socket, CommandIo& io) {
  constexpr size_t kChunk = 64 << 10;
  std::string chunk;
  std::string line;
  bool connected = true;
  while (connected && !io.Cancelled() && io.ReadLine(&line)) {
    chunk.append(line).push_back('\n');
    if (chunk.size() < kChunk && io.InputReady()) continue;
    connected = WriteFrame(socket, Channel::kInput, chunk).ok();
    chunk.clear();
  }
  if (connected && !chunk.empty()) connected = WriteFrame(socket, Channel::kInput, chunk).ok();
  if (connected) (void)WriteFrame(socket, Channel::kInputEnd, "");
}

// False once the user asked to stop. A command that sends input is stopped by the end of its input,
// and still says how far it came.
bool WaitReadable(int socket, const CommandIo& io, bool sends_input) {
  constexpr int kCancelCheckMs = 100;
  pollfd descriptor = {socket, POLLIN, 0};
  while (::poll(&descriptor, 1, kCancelCheckMs) <= 0) {
    if (io.Cancelled() && !sends_input) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<int> RunRemotely(const std::string& directory,
                                const std::vector<std::string>& arguments,
                                std::shared_ptr<CommandIo> io, bool sends_input) {
  Connection connection;
  MR_RETURN_IF_ERROR(connection.Connect(directory));
  MR_RETURN_IF_ERROR(WriteFrame(connection.socket(), Channel::kArguments,
                                EncodeArguments(arguments, io->OutputIsTerminal())));
  if (sends_input) {
    // Detached: it may sit in a read of the terminal, which only the end of the process ends.
    std::thread([socket = ::dup(connection.socket()), io] {
      SendInput(socket, *io);
      ::close(socket);
    }).detach();
  }
  Frame frame;
  while (WaitReadable(connection.socket(), *io, sends_input)) {
    if (!ReadFrame(connection.socket(), &frame).ok()) {
      return absl::AbortedError(
          "the process that held the log was killed before the command ended");
    }
    if (frame.channel == Channel::kOutput && !io->Write(frame.payload))
      return 0;  // has seen enough
    if (frame.channel == Channel::kError) io->WriteError(frame.payload);
    int code = 1;
    if (frame.channel == Channel::kExit && absl::SimpleAtoi(frame.payload, &code)) return code;
  }
  return absl::CancelledError("stopped");
}

}  // namespace millrace::worker
