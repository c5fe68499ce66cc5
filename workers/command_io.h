// CommandIo: where a command reads and writes. It is the terminal, or a socket's far end when the
// command runs inside the process that holds the log; commands cannot tell.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace millrace::worker {

class CommandIo {
 public:
  virtual ~CommandIo() = default;
  // The next input line without its newline; false at the end, or once the user asked to stop.
  virtual bool ReadLine(std::string* line) = 0;
  // Whether ReadLine would return at once. False: a pipe or a person is slower than we are.
  virtual bool InputReady() = 0;
  // False: the output cannot be written (closed pipe, full disk, client ended); the command should
  // stop quietly, what there is to say about it is said elsewhere.
  virtual bool Write(std::string_view text) = 0;
  virtual void WriteError(std::string_view text) = 0;
  // True once the command should stop: a signal, the client is gone, or HolderStops().
  virtual bool Cancelled() const = 0;
  // It should stop because the process that runs it for another one ends, not because its user
  // wants it to.
  virtual bool HolderStops() const { return false; }
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
  bool InputReady() override;
  bool Write(std::string_view text) override;
  void WriteError(std::string_view text) override;
  bool Cancelled() const override;
  bool OutputIsTerminal() const override;

  // Why a Write failed, but for a reader that has seen enough (`| head`), which is no error.
  absl::Status output_status() const;

 private:
  explicit ProcessIo(int input) : input_(input) {}
  bool Fill();

  const int input_;
  std::string buffer_;  // read, from at_ on not yet handed out
  size_t at_ = 0;
  size_t searched_ = 0;  // no newline before it
  bool ended_ = false;
  int output_error_ = 0;  // errno
};

}  // namespace millrace::worker
