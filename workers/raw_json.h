// The text of parts of a JSON document as it was written. A parsed number has lost its digits
// ("1.50", or an integer of 30 places), and what is written to a topic must not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace millrace::worker {

// All of these REQUIRE valid JSON, as a parser has found it to be.

// The text of the member `name` of an object; empty if it has none, or spells its name with
// escapes. Of several, the last.
std::string_view MemberText(std::string_view object, std::string_view name);

// The texts of the elements of an array, or of the values of an object.
std::vector<std::string_view> ElementTexts(std::string_view container);

// Without the white space between tokens.
std::string CompactJson(std::string_view text);

}  // namespace millrace::worker
