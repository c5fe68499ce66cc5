// The engine's own way to call a record poison: the same as an exception from a user's lambda.
#pragma once

#include <exception>

#include "millrace/error_policy.h"

namespace millrace::detail {

// Throws a std::invalid_argument that knows its class; the runtime catches it around the node
// (ErrorPolicy). `message` says which step refused what.
[[noreturn]] void RaisePoison(const char* message, PoisonClass poison = PoisonClass::kProcessing);
// The class of what was thrown.
PoisonClass PoisonClassOf(const std::exception& error);

}  // namespace millrace::detail
