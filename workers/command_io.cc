#include "command_io.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "signals.h"

namespace millrace::worker {

absl::StatusOr<std::unique_ptr<ProcessIo>> ProcessIo::Open(const std::string& input_file) {
  if (input_file.empty() || input_file == "-") {
    return std::unique_ptr<ProcessIo>(new ProcessIo(STDIN_FILENO));
  }
  const int file = ::open(input_file.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return absl::NotFoundError("cannot open '" + input_file + "': " + std::strerror(errno));
  }
  return std::unique_ptr<ProcessIo>(new ProcessIo(file));
}

ProcessIo::~ProcessIo() {
  if (input_ != STDIN_FILENO) ::close(input_);
}

bool ProcessIo::ReadLine(std::string* line) {
  size_t end;
  while ((end = buffer_.find('\n', searched_)) == std::string::npos) {
    searched_ = buffer_.size();
    if (ended_) break;
    if (!Fill()) return false;
  }
  if (end == std::string::npos && at_ == buffer_.size()) return false;
  const size_t stop = std::min(end, buffer_.size());
  line->assign(buffer_, at_, stop - at_);
  searched_ = at_ = std::min(stop + 1, buffer_.size());
  return true;
}

bool ProcessIo::InputReady() {
  if (ended_ || buffer_.find('\n', searched_) != std::string::npos) return true;
  pollfd input = {input_, POLLIN, 0};
  return ::poll(&input, 1, 0) > 0;
}

// Reads more; false once the user asked to stop. The end and errors of the input set ended_.
bool ProcessIo::Fill() {
  constexpr size_t kChunk = 64 << 10;
  pollfd waits[] = {{input_, POLLIN, 0}, {StopDescriptor(), POLLIN, 0}};
  while (::poll(waits, 2, -1) < 0 && errno == EINTR) {
  }
  if (StopRequested()) return false;
  buffer_.erase(0, at_);
  searched_ -= at_;
  at_ = 0;
  const size_t size = buffer_.size();
  buffer_.resize(size + kChunk);
  const ssize_t got = ::read(input_, buffer_.data() + size, kChunk);
  buffer_.resize(size + static_cast<size_t>(std::max<ssize_t>(got, 0)));
  ended_ = got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN);
  return true;
}

bool ProcessIo::Write(std::string_view text) {
  if (text.empty()) return true;
  if (output_error_ != 0) return false;
  const bool written =
      std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  if (!written) output_error_ = errno;
  return written;
}

void ProcessIo::WriteError(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
}

bool ProcessIo::Cancelled() const { return StopRequested(); }

bool ProcessIo::OutputIsTerminal() const { return ::isatty(STDOUT_FILENO) == 1; }

absl::Status ProcessIo::output_status() const {
  if (output_error_ == 0 || output_error_ == EPIPE) return absl::OkStatus();
  return absl::ErrnoToStatus(output_error_, "cannot write the output");
}

}  // namespace millrace::worker
