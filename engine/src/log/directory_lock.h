// DirectoryLock: one process holds a log's directory, and a second one learns which.
//
// The lock is an open-file-description lock on DIR/LOCK, so the kernel drops it with the process;
// the file's text is the holder's pid.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace millrace {

class DirectoryLock {
 public:
  // FailedPrecondition: another process (or this one) holds it; the message names its pid.
  static absl::StatusOr<std::unique_ptr<DirectoryLock>> Acquire(const std::string& directory);
  ~DirectoryLock();

  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  explicit DirectoryLock(int file) : file_(file) {}
  const int file_;
};

// Makes `directory` a log's directory unless it is one. InvalidArgument: it holds something else,
// or a format that this version cannot read. NotFound: its parent does not exist.
// To be called before Acquire() when the directory may not exist (`MakeDirectory`), and after it
// for the rest (`CheckFormat`).
absl::Status MakeDirectory(const std::string& directory);
absl::Status CheckFormat(const std::string& directory);

}  // namespace millrace
