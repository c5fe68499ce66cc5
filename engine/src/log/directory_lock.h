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

// Makes the directory unless it exists. NotFound: its parent does not. InvalidArgument: it is no
// directory.
absl::Status MakeDirectory(const std::string& directory);

// False: there is no complete log in the directory yet; WriteFormat() says durably that now there
// is. InvalidArgument: it holds something else, or a format that this version cannot read.
absl::StatusOr<bool> HasFormat(const std::string& directory);
absl::Status WriteFormat(const std::string& directory);

}  // namespace millrace
