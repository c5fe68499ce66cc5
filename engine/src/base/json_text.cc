#include "base/json_text.h"

#include <cstdint>

namespace millrace {
namespace {

void AppendControl(unsigned char c, std::string* out) {
  static constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '\n':
      out->append("\\n");
      return;
    case '\r':
      out->append("\\r");
      return;
    case '\t':
      out->append("\\t");
      return;
    case '\b':
      out->append("\\b");
      return;
    case '\f':
      out->append("\\f");
      return;
    default:
      out->append("\\u00");
      out->push_back(kHex[c >> 4]);
      out->push_back(kHex[c & 15]);
  }
}

struct Utf8Class {
  int length;
  uint32_t smallest;  // an encoding of less is overlong
};

Utf8Class ClassOf(unsigned char first) {
  if (first < 0x80) return {1, 0};
  if (first >> 5 == 0b110) return {2, 0x80};
  if (first >> 4 == 0b1110) return {3, 0x800};
  if (first >> 3 == 0b11110) return {4, 0x10000};
  return {0, 0};
}

}  // namespace

void AppendJsonString(std::string_view text, std::string* out) {
  out->push_back('"');
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out->push_back('\\');
      out->push_back(c);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      AppendControl(static_cast<unsigned char>(c), out);
    } else {
      out->push_back(c);
    }
  }
  out->push_back('"');
}

bool IsValidUtf8(std::string_view bytes) {
  for (size_t i = 0; i < bytes.size();) {
    const auto first = static_cast<unsigned char>(bytes[i]);
    const Utf8Class kind = ClassOf(first);
    if (kind.length == 0 || i + static_cast<size_t>(kind.length) > bytes.size()) return false;
    uint32_t point = kind.length == 1 ? first : first & (0x7fu >> kind.length);
    for (int k = 1; k < kind.length; ++k) {
      const auto next = static_cast<unsigned char>(bytes[i + static_cast<size_t>(k)]);
      if (next >> 6 != 0b10) return false;
      point = point << 6 | (next & 0x3f);
    }
    const bool surrogate = point >= 0xd800 && point <= 0xdfff;
    if (point < kind.smallest || surrogate || point > 0x10ffff) return false;
    i += static_cast<size_t>(kind.length);
  }
  return true;
}

}  // namespace millrace
