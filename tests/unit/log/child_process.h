// A child process of a test: this binary again, running one disabled test. A mere fork will not do,
// since RocksDB's threads do not live on in it.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <map>
#include <string>

namespace millrace::log_testing {

// In the child: what the parent passed as `name`.
inline std::string ChildArgument(const std::string& name) {
  const char* value = std::getenv(("MILLRACE_CHILD_" + name).c_str());
  return value == nullptr ? "" : value;
}

// In the child: tells the parent a number.
inline void Report(int64_t number) {
  static const int pipe = std::atoi(ChildArgument("report").c_str());
  if (::write(pipe, &number, sizeof(number)) != ssize_t{sizeof(number)}) ::_exit(3);
}

// Runs until it ends, or until the object is destroyed.
class ChildProcess {
 public:
  // `test` is the full name of a disabled test, as "Child.DISABLED_CommitsForEver".
  ChildProcess(const std::string& test, std::map<std::string, std::string> arguments) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    report_ = ends[0];
    arguments["report"] = std::to_string(ends[1]);
    for (const auto& [name, value] : arguments) {
      ::setenv(("MILLRACE_CHILD_" + name).c_str(), value.c_str(), 1);
    }
    const std::string filter = "--gtest_filter=" + test;
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(ends[0]);
      ::dup2(STDERR_FILENO, STDOUT_FILENO);
      ::execl("/proc/self/exe", "child", filter.c_str(), "--gtest_also_run_disabled_tests",
              "--gtest_brief=1", nullptr);
      ::_exit(127);
    }
    ::close(ends[1]);
  }
  ~ChildProcess() {
    if (pid_ > 0) Kill();
    ::close(report_);
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  int pid() const { return pid_; }

  // The next number that the child reports; false at its end.
  bool Next(int64_t* number) {
    return ::read(report_, number, sizeof(*number)) == ssize_t{sizeof(*number)};
  }
  // Ends it as power loss ends a process; what it reported before can still be read.
  void Kill() {
    ::kill(pid_, SIGKILL);
    Wait();
  }
  // How it ended, as waitpid() says.
  int Wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
  }

 private:
  int pid_ = -1;
  int report_ = -1;
};

}  // namespace millrace::log_testing
