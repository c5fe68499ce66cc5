#include "signals.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <csignal>

namespace millrace::worker {
namespace {

std::atomic<bool> stop_requested{false};
int wake_pipe[2] = {-1, -1};

// Only async-signal-safe calls here.
void OnSignal(int signal) {
  if (stop_requested.exchange(true)) ::_exit(128 + signal);
  const char byte = 1;
  [[maybe_unused]] ssize_t written = ::write(wake_pipe[1], &byte, 1);
}

}  // namespace

void InstallSignalHandlers() {
  if (::pipe2(wake_pipe, O_CLOEXEC | O_NONBLOCK) != 0) return;
  struct sigaction action = {};
  action.sa_handler = OnSignal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  action.sa_handler = SIG_IGN;
  ::sigaction(SIGPIPE, &action, nullptr);
}

bool StopRequested() { return stop_requested.load(std::memory_order_relaxed); }

int StopDescriptor() { return wake_pipe[0]; }

bool WaitForStop(Duration timeout) {
  if (StopRequested()) return true;
  pollfd descriptor = {wake_pipe[0], POLLIN, 0};
  ::poll(&descriptor, 1, static_cast<int>(timeout.count()));
  return StopRequested();
}

}  // namespace millrace::worker
