#include "conformance/catalogue.h"

#include <cstdlib>

#include "absl/strings/str_split.h"

namespace millrace::conformance {

MaybeText First(const Text* x) {
  if (x == nullptr || x->empty()) return std::nullopt;
  size_t length = 1;
  while (length < x->size() && ((*x)[length] & 0xC0) == 0x80) ++length;  // the rest of a UTF-8 one
  return x->substr(0, length);
}

std::vector<Text> Parts(const Text& x) { return absl::StrSplit(x, ','); }

MaybeText Group(const Text* x) {
  if (x == nullptr || x->find(':') == Text::npos) return std::nullopt;
  const Text group = x->substr(0, x->find(':'));
  return group == "-" ? MaybeText() : group;
}

MaybeText Rest(const Text* x) {
  if (x == nullptr || x->find(':') == Text::npos) return std::nullopt;
  return x->substr(x->find(':') + 1);
}

int64_t Number(const Text& x) { return std::strtoll(x.c_str(), nullptr, 10); }

}  // namespace millrace::conformance
