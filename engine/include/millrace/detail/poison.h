// The engine's own way to call a record poison: the same as an exception from a user's lambda.
#pragma once

namespace millrace::detail {

// Throws std::invalid_argument; the runtime catches it around the node (ErrorPolicy).
// `message` says which step refused what.
[[noreturn]] void RaisePoison(const char* message);

}  // namespace millrace::detail
