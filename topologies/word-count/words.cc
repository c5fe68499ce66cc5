#include "topologies/word-count/words.h"

#include "absl/strings/ascii.h"

namespace millrace::topologies {
namespace {

bool IsWordByte(char byte) {
  const auto code = static_cast<unsigned char>(byte);
  return code >= 0x80 || absl::ascii_isalnum(code) || byte == '_';
}

}  // namespace

void ForEachWord(std::string_view line, absl::FunctionRef<void(const std::string&)> sink) {
  std::string word;
  for (const char byte : line) {
    if (IsWordByte(byte)) {
      word.push_back(absl::ascii_tolower(static_cast<unsigned char>(byte)));
    } else if (!word.empty()) {
      sink(word);
      word.clear();
    }
  }
  if (!word.empty()) sink(word);
}

}  // namespace millrace::topologies
