// Words of a line of text, as word-count counts them. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"

namespace millrace::topologies {

// Calls `sink` with every word of `line`, in order, in lower case. A word is a longest run of ASCII
// letters, digits, '_' and bytes outside of ASCII, so letters of any language in UTF-8 stay
// together. Only ASCII letters change their case. The string is valid during the call.
void ForEachWord(std::string_view line, absl::FunctionRef<void(const std::string&)> sink);

}  // namespace millrace::topologies
