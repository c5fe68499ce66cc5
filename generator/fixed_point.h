// Logarithms and powers of two on integers: a math library's last bits differ from one machine to
// the next, and so would every draw that depends on them. Q32 is a number times 2^32.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace millrace::gen {

inline constexpr int64_t kOneQ32 = int64_t{1} << 32;
inline constexpr int64_t kLn2Q32 = 2'977'044'472;    // ln 2
inline constexpr int64_t kLog2EQ32 = 6'196'328'019;  // log2 e

// Rounds towards negative infinity.
constexpr int64_t MulQ32(int64_t a, int64_t b) {
  return static_cast<int64_t>((static_cast<__int128>(a) * b) >> 32);
}

// REQUIRES: x > 0. Exact to 2^-32, rounded down.
constexpr int64_t Log2Q32(uint64_t x) {
  const int whole = std::bit_width(x) - 1;
  // The mantissa in [1, 2) with 63 bits behind the point; each square doubles its logarithm.
  auto mantissa = static_cast<unsigned __int128>(x) << (63 - whole);
  int64_t log = static_cast<int64_t>(whole) << 32;
  for (int bit = 31; bit >= 0; --bit) {
    mantissa = (mantissa * mantissa) >> 63;
    if (mantissa >> 64 == 0) continue;
    log |= int64_t{1} << bit;
    mantissa >>= 1;
  }
  return log;
}

namespace fixed_point_internal {

constexpr uint64_t SquareRoot(unsigned __int128 x) {
  uint64_t root = 0;
  for (uint64_t bit = uint64_t{1} << 63; bit != 0; bit >>= 1) {
    const uint64_t tried = root | bit;
    if (static_cast<unsigned __int128>(tried) * tried <= x) root = tried;
  }
  return root;
}

// 2^(1/2), 2^(1/4), … 2^(2^-32) with 62 bits behind the point.
constexpr std::array<uint64_t, 32> RootsOfTwo() {
  std::array<uint64_t, 32> roots{};
  uint64_t last = uint64_t{1} << 63;  // 2
  for (uint64_t& root : roots) {
    root = SquareRoot(static_cast<unsigned __int128>(last) << 62);
    last = root;
  }
  return roots;
}

inline constexpr std::array<uint64_t, 32> kRootsOfTwo = RootsOfTwo();

}  // namespace fixed_point_internal

// 2^x for x in Q32, as Q32. REQUIRES: x < 30 in Q32; what is below 2^-32 is 0.
constexpr int64_t Exp2Q32(int64_t x) {
  const int64_t whole = x >> 32;
  const auto fraction = static_cast<uint32_t>(x);
  uint64_t power = uint64_t{1} << 62;  // 1
  for (int bit = 31; bit >= 0; --bit) {
    if ((fraction >> bit & 1) == 0) continue;
    const uint64_t root = fixed_point_internal::kRootsOfTwo[static_cast<size_t>(31 - bit)];
    power = static_cast<uint64_t>((static_cast<unsigned __int128>(power) * root) >> 62);
  }
  const int64_t down = 30 - whole;
  return down >= 64 ? 0 : static_cast<int64_t>(power >> down);
}

}  // namespace millrace::gen
