// CommandIo: where a command reads and writes. It is the terminal, or a socket's far end when the
// command runs inside the process that holds the log; commands cannot tell.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace millrace::worker {

class CommandIo {
 public:
  virtual ~CommandIo() = default;
  // The next input line without its newline; false at the end.
  virtual bool ReadLine(std::string* line) = 0;
  // False: the reader is gone (closed pipe, client ended); the command should stop quietly.
  virtual bool Write(std::string_view text) = 0;
  virtual void WriteError(std::string_view text) = 0;
  // True once the user asked to stop (signal, client gone).
  virtual bool Cancelled() const = 0;
  // Output is for a person, not for a program.
  virtual bool OutputIsTerminal() const = 0;
};

// Standard output and error of this process; input from a file or standard input ("-").
class ProcessIo : public CommandIo {
 public:
  // NotFound: the file cannot be opened; names it.
  static absl::StatusOr<std::unique_ptr<ProcessIo>> Open(const std::string& input_file);
  ~ProcessIo() override;

  bool ReadLine(std::string* line) override;
  bool Write(std::string_view text) override;
  void WriteError(std::string_view text) override;
  bool Cancelled() const override;
  bool OutputIsTerminal() const override;

 private:
  explicit ProcessIo(std::FILE* input) : input_(input) {}
  std::FILE* input_;
  char* buffer_ = nullptr;
  size_t capacity_ = 0;
};

}  // namespace millrace::worker
