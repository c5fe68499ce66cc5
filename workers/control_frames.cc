#include "control_frames.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "millrace/status.h"

namespace millrace::worker {
namespace {

constexpr size_t kHeader = 5;

absl::Status SendAll(int socket, const char* data, size_t size) {
  while (size > 0) {
    const ssize_t sent = ::send(socket, data, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return absl::UnavailableError("the other end of the control socket is gone");
    data += sent;
    size -= static_cast<size_t>(sent);
  }
  return absl::OkStatus();
}

absl::Status ReceiveAll(int socket, char* data, size_t size) {
  while (size > 0) {
    const ssize_t got = ::recv(socket, data, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return absl::UnavailableError("the other end of the control socket is gone");
    data += got;
    size -= static_cast<size_t>(got);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteFrame(int socket, Channel channel, std::string_view payload) {
  const auto size = static_cast<uint32_t>(payload.size());
  std::string frame;
  frame.reserve(kHeader + payload.size());
  frame.push_back(static_cast<char>(channel));
  for (int shift = 24; shift >= 0; shift -= 8) frame.push_back(static_cast<char>(size >> shift));
  frame.append(payload);
  return SendAll(socket, frame.data(), frame.size());
}

absl::Status ReadFrame(int socket, Frame* frame) {
  unsigned char header[kHeader];
  MR_RETURN_IF_ERROR(ReceiveAll(socket, reinterpret_cast<char*>(header), kHeader));
  size_t size = 0;
  for (size_t i = 1; i < kHeader; ++i) size = size << 8 | header[i];
  if (size > kMaxFrame || header[0] < 1 || header[0] > 6) {
    return absl::InvalidArgumentError("the other end of the control socket does not speak to us");
  }
  frame->channel = static_cast<Channel>(header[0]);
  frame->payload.resize(size);
  return ReceiveAll(socket, frame->payload.data(), size);
}

SocketPath::SocketPath(const std::string& directory) {
  constexpr size_t kKernelLimit = 107;
  path_ = absl::StrCat(directory, "/", kSocketName);
  if (path_.size() <= kKernelLimit) return;
  directory_ = ::open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (directory_ >= 0) path_ = absl::StrCat("/proc/self/fd/", directory_, "/", kSocketName);
}

SocketPath::~SocketPath() {
  if (directory_ >= 0) ::close(directory_);
}

}  // namespace millrace::worker
