// Values of erased types as JSON text, for people and tools.
#pragma once

#include <optional>
#include <string>

#include "millrace/detail/codec.h"

namespace millrace {

// A number, a string or a document; nullopt: the type has no better form than its bytes.
std::optional<std::string> TypedJson(const detail::Codec& codec, const void* value);

}  // namespace millrace
