// Between std::string_view and absl::string_view: Debian 12's Abseil was built for C++14, so there
// the two are different types, and absl::StrCat does not take the standard one.
#pragma once

#include <string_view>

#include "absl/strings/string_view.h"

namespace millrace {

inline absl::string_view AbslView(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view StdView(absl::string_view text) { return {text.data(), text.size()}; }

}  // namespace millrace
