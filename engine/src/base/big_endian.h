// Big-endian integers, the byte order of Kafka's serializers and of keys that sort as bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace millrace {

template <class T>
void AppendBigEndian(T value, std::string* out) {
  for (int shift = static_cast<int>(sizeof(T)) * 8 - 8; shift >= 0; shift -= 8) {
    out->push_back(static_cast<char>(value >> shift));
  }
}

// REQUIRES: bytes.size() >= sizeof(T). T is unsigned.
template <class T>
T ReadBigEndian(std::string_view bytes) {
  T value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>(value << 8 | static_cast<unsigned char>(bytes[i]));
  }
  return value;
}

// Signed numbers whose bytes sort as the numbers do: the sign bit is flipped.
inline void AppendOrdered(int64_t value, std::string* out) {
  AppendBigEndian<uint64_t>(static_cast<uint64_t>(value) ^ (uint64_t{1} << 63), out);
}
inline int64_t ReadOrdered(std::string_view bytes) {
  return static_cast<int64_t>(ReadBigEndian<uint64_t>(bytes) ^ (uint64_t{1} << 63));
}

}  // namespace millrace
