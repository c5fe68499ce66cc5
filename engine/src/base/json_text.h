// JSON text for the engine's own output; documents have record's Json.
#pragma once

#include <string>
#include <string_view>

namespace millrace {

// Appends `text` as a JSON string with its quotes. REQUIRES: valid UTF-8.
void AppendJsonString(std::string_view text, std::string* out);

// Well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsValidUtf8(std::string_view bytes);

}  // namespace millrace
