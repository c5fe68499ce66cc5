// The arguments of the campaign's programs: --name VALUE, each at most once.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace millrace::campaign {

class Arguments {
 public:
  // `skip`: arguments before the first name, the program's own included.
  Arguments(int argc, char** argv, int skip = 1);

  // InvalidArgument: it was not given.
  absl::StatusOr<std::string> Required(const std::string& name);
  std::string Text(const std::string& name, const std::string& otherwise);
  // What is no number is reported by NothingElse().
  int64_t Number(const std::string& name, int64_t otherwise);

  // Call when everything was asked for. InvalidArgument: names what was not, or what is wrong.
  absl::Status NothingElse() const;

 private:
  std::map<std::string, std::string> values_;
  std::string wrong_;
};

}  // namespace millrace::campaign
