#include "command_io.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "signals.h"

namespace millrace::worker {

absl::StatusOr<std::unique_ptr<ProcessIo>> ProcessIo::Open(const std::string& input_file) {
  if (input_file.empty() || input_file == "-") {
    return std::unique_ptr<ProcessIo>(new ProcessIo(stdin));
  }
  std::FILE* file = std::fopen(input_file.c_str(), "re");
  if (file == nullptr) {
    return absl::NotFoundError("cannot open '" + input_file + "': " + std::strerror(errno));
  }
  return std::unique_ptr<ProcessIo>(new ProcessIo(file));
}

ProcessIo::~ProcessIo() {
  std::free(buffer_);
  if (input_ != stdin) std::fclose(input_);
}

bool ProcessIo::ReadLine(std::string* line) {
  ssize_t length = ::getline(&buffer_, &capacity_, input_);
  if (length < 0) return false;
  if (length > 0 && buffer_[length - 1] == '\n') --length;
  line->assign(buffer_, static_cast<size_t>(length));
  return true;
}

bool ProcessIo::Write(std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() &&
         (!text.ends_with('\n') || std::fflush(stdout) == 0);
}

void ProcessIo::WriteError(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
}

bool ProcessIo::Cancelled() const { return StopRequested(); }

bool ProcessIo::OutputIsTerminal() const { return ::isatty(STDOUT_FILENO) == 1; }

}  // namespace millrace::worker
