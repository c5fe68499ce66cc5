#include "millrace/partitioner.h"

namespace millrace {
namespace {

constexpr uint32_t kSeed = 0x9747b28c;
constexpr uint32_t kMultiplier = 0x5bd1e995;

uint32_t ByteAt(std::string_view bytes, size_t at) { return static_cast<unsigned char>(bytes[at]); }

}  // namespace

uint32_t Murmur2(std::string_view bytes) {
  const size_t length = bytes.size();
  uint32_t hash = kSeed ^ static_cast<uint32_t>(length);
  size_t at = 0;
  for (; at + 4 <= length; at += 4) {
    uint32_t word = ByteAt(bytes, at) | ByteAt(bytes, at + 1) << 8 | ByteAt(bytes, at + 2) << 16 |
                    ByteAt(bytes, at + 3) << 24;
    word *= kMultiplier;
    word ^= word >> 24;
    word *= kMultiplier;
    hash *= kMultiplier;
    hash ^= word;
  }
  if (at < length) {
    for (size_t i = length; i-- > at;) hash ^= ByteAt(bytes, i) << (8 * (i - at));
    hash *= kMultiplier;
  }
  hash ^= hash >> 13;
  hash *= kMultiplier;
  hash ^= hash >> 15;
  return hash;
}

}  // namespace millrace
