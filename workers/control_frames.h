// Frames of the control socket; see control_socket.h. Internal to its two ends.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace millrace::worker {

enum class Channel : unsigned char {
  kArguments = 1,
  kInput = 2,
  kInputEnd = 3,
  kOutput = 4,
  kError = 5,
  kExit = 6,
};

inline constexpr size_t kMaxFrame = 64 << 20;

// File name of the socket inside the log's directory.
inline constexpr char kSocketName[] = "control.sock";

struct Frame {
  Channel channel;
  std::string payload;
};

// Blocking, on a connected socket. Unavailable: the other end is gone. InvalidArgument: no frame.
absl::Status WriteFrame(int socket, Channel channel, std::string_view payload);
absl::Status ReadFrame(int socket, Frame* frame);

// A connected or listening socket's path as the kernel takes it: at most 107 bytes, so a long
// directory is reached through /proc/self/fd. Keeps the directory open while it lives.
class SocketPath {
 public:
  explicit SocketPath(const std::string& directory);
  ~SocketPath();
  const std::string& path() const { return path_; }

 private:
  int directory_ = -1;
  std::string path_;
};

}  // namespace millrace::worker
