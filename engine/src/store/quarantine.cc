#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "store/task_stores.h"

namespace millrace {

absl::StatusOr<std::string> QuarantineStateDirectory(const std::string& directory) {
  std::error_code ignored;
  for (int n = 1;; ++n) {
    const std::string target = absl::StrCat(directory, ".damaged-", n);
    if (std::filesystem::exists(target, ignored)) continue;
    if (std::rename(directory.c_str(), target.c_str()) == 0) return target;
    return absl::InternalError(absl::StrCat("cannot move the damaged state ", directory, " to ",
                                            target, ": ", std::strerror(errno)));
  }
}

}  // namespace millrace
