// AckedFile: how many commits were acknowledged, kept outside of RocksDB (decision 0005).
//
// Two slots, 512 bytes apart, each a big-endian commit sequence and its checksum. Writes alternate
// between them, so that a torn write leaves the older number readable.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace millrace {

// Not thread-safe.
class AckedFile {
 public:
  // Opens the file, or makes it durably with the number 0. DataLoss: neither slot can be read.
  static absl::StatusOr<std::unique_ptr<AckedFile>> Open(const std::string& path);
  ~AckedFile();

  AckedFile(const AckedFile&) = delete;
  AckedFile& operator=(const AckedFile&) = delete;

  // False: the file was not there, and Open made it.
  bool existed() const { return existed_; }
  uint64_t sequence() const { return sequence_; }

  // Survives a killed process at once; power loss, once the kernel has written it back. A stale
  // number only weakens the check.
  absl::Status Write(uint64_t sequence);

 private:
  AckedFile(int file, std::string path) : file_(file), path_(std::move(path)) {}
  absl::Status Create();
  absl::Status Read();

  const int file_;
  const std::string path_;
  bool existed_ = true;
  uint64_t sequence_ = 0;
  int next_slot_ = 0;  // the one that does not hold the newest number
};

}  // namespace millrace
