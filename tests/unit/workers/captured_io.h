// A command's terminal in a test: lines to read, and what it wrote.
#pragma once

#include <deque>
#include <string>

#include "workers/command_io.h"

namespace millrace::worker {

class CapturedIo : public CommandIo {
 public:
  explicit CapturedIo(std::deque<std::string> lines = {}) : lines_(std::move(lines)) {}
  bool ReadLine(std::string* line) override {
    if (lines_.empty()) return false;
    *line = lines_.front();
    lines_.pop_front();
    return true;
  }
  bool InputReady() override { return true; }
  bool Write(std::string_view text) override {
    output += text;
    return true;
  }
  void WriteError(std::string_view text) override { error += text; }
  bool Cancelled() const override { return false; }
  bool OutputIsTerminal() const override { return false; }

  std::string output;
  std::string error;

 private:
  std::deque<std::string> lines_;
};

}  // namespace millrace::worker
