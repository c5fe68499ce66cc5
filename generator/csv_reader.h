// Lines of a '|'-separated file, one at a time: the form of the LDBC files. No quoting.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "generator/change_rows.h"

namespace millrace::gen {

// Knows one line ahead whether there is another. Errors name the file and the line. One thread.
class CsvReader {
 public:
  // NotFound: the file cannot be opened. `header` is its first line, empty if it has none;
  // InvalidArgument if the first line is another.
  static absl::StatusOr<CsvReader> Open(const std::string& path, std::string_view header);

  // Moves to the next line and splits it into `fields()`. False at the end; InvalidArgument unless
  // it has from `fields_min` fields up, or is not UTF-8.
  absl::StatusOr<bool> Next(size_t fields_min);
  // Valid until the next Next().
  std::string_view field(size_t index) const { return fields_[index]; }
  size_t fields() const { return fields_.size(); }
  int64_t line() const { return line_; }
  bool AtLastLine() const { return !has_next_; }

  // The fields as what they should hold; else InvalidArgument.
  absl::StatusOr<int64_t> Int(size_t index) const;
  absl::StatusOr<RowTime> Millis(size_t index) const;  // since the epoch
  absl::StatusOr<RowTime> Iso(size_t index) const;     // "2010-06-27T23:36:57.962+0000"

  absl::Status Wrong(std::string_view what) const;

 private:
  CsvReader() = default;
  void Prefetch();

  std::string path_;
  std::ifstream file_;
  std::string current_;
  std::string next_;
  bool has_next_ = false;
  int64_t line_ = 0;
  std::vector<std::string_view> fields_;
};

}  // namespace millrace::gen
