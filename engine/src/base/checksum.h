// Checksums of what lies on disk.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace millrace {

// xxh3, 64 bit. Detects damage, not malice.
uint64_t Checksum64(std::string_view bytes, uint64_t seed = 0);

// xxh3, 128 bit: identifies a key where a collision must not happen.
std::array<uint64_t, 2> Hash128(std::string_view bytes);

}  // namespace millrace
