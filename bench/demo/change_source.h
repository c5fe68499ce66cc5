// ChangeSource: where the demo's change records come from, as one interface over the generators.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "generator/change_record.h"

namespace millrace::demo {

class ChangeSource {
 public:
  virtual ~ChangeSource() = default;
  // Fills `out` with the next record; false at the end. One thread.
  virtual absl::StatusOr<bool> Next(gen::ChangeRecord* out) = 0;
  // What it is, for people; the same text means the same records.
  virtual std::string Describe() const = 0;
};

struct SourceOptions {
  std::string ldbc_directory;  // empty: the seeded network
  uint64_t seed = 1;
  uint32_t users = 10'000;
  uint64_t changes = 60'000;
};

absl::StatusOr<std::unique_ptr<ChangeSource>> OpenSource(const SourceOptions& options);

}  // namespace millrace::demo
