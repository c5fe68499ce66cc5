#include "integration/kafka/campaign/arguments.h"

#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace millrace::campaign {

Arguments::Arguments(int argc, char** argv, int skip) {
  for (int i = skip; i < argc; i += 2) {
    const std::string_view name = argv[i];
    if (!name.starts_with("--") || i + 1 == argc) {
      wrong_ = absl::StrCat("'", argv[i], "' is not --name VALUE");
      return;
    }
    values_[std::string(name.substr(2))] = argv[i + 1];
  }
}

absl::StatusOr<std::string> Arguments::Required(const std::string& name) {
  if (!values_.contains(name)) {
    return absl::InvalidArgumentError(absl::StrCat("--", name, " is missing"));
  }
  return Text(name, "");
}

std::string Arguments::Text(const std::string& name, const std::string& otherwise) {
  const auto found = values_.extract(name);
  return found.empty() ? otherwise : found.mapped();
}

int64_t Arguments::Number(const std::string& name, int64_t otherwise) {
  const std::string text = Text(name, "");
  int64_t number = otherwise;
  if (!text.empty() && !absl::SimpleAtoi(text, &number)) {
    wrong_ = absl::StrCat("--", name, " ", text, " is not a number");
  }
  return number;
}

absl::Status Arguments::NothingElse() const {
  if (!wrong_.empty()) return absl::InvalidArgumentError(wrong_);
  if (values_.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("there is no --", values_.begin()->first));
}

}  // namespace millrace::campaign
