// Random numbers that depend on nothing but their arguments: integers only, so that a seed gives
// the same bytes on every machine, and by counter, so that no draw shifts the ones after it.
#pragma once

#include <bit>
#include <cstdint>

namespace millrace::gen {

inline constexpr uint64_t kGoldenGamma = 0x9e3779b97f4a7c15;

// The finaliser of SplitMix64: a bijection under which neighbours have nothing in common.
constexpr uint64_t Mix64(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// The key of one thing (the n-th change, the likers of post n) within a stream of a seed.
constexpr uint64_t RandomKey(uint64_t seed, uint64_t stream, uint64_t n) {
  return Mix64(Mix64(Mix64(seed + kGoldenGamma) ^ (stream * kGoldenGamma)) + n * kGoldenGamma);
}

// The draws that belong to one key, in the order in which they are made.
class Draws {
 public:
  explicit Draws(uint64_t key) : state_(key) {}

  uint64_t Next() { return Mix64(state_ += kGoldenGamma); }
  // Uniform in [0, bound). The bias, below bound / 2^64, is of no matter here. REQUIRES: bound > 0.
  uint64_t Below(uint64_t bound) {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(Next()) * bound) >> 64);
  }
  bool OneIn(uint64_t n) { return Below(n) == 0; }

  // A rank in [0, count) with a heavy tail, roughly Zipf's with exponent 1: uniform over the
  // octaves, then uniform within the octave. Zipf's law without floating point.
  uint64_t HeavyTailedRank(uint64_t count) {
    const uint64_t octaves = static_cast<uint64_t>(std::bit_width(count));
    while (true) {
      const uint64_t low = uint64_t{1} << Below(octaves);
      const uint64_t rank = low + Below(low);
      if (rank <= count) return rank - 1;
    }
  }

 private:
  uint64_t state_;
};

// A shuffle of [0, size) that is computed, not stored: a Feistel network over the next power of
// four, walked until it falls back into the range (less than four steps on average). It names the
// n-th follower of an author or the n-th liker of a post without a set of those before.
class Permutation {
 public:
  // REQUIRES: 0 < size <= 2^62.
  Permutation(uint64_t key, uint64_t size)
      : key_(key), size_(size), half_bits_((std::bit_width(size - 1) + 1) / 2) {
    if (half_bits_ == 0) half_bits_ = 1;
  }

  uint64_t operator()(uint64_t index) const {
    do index = Encipher(index);
    while (index >= size_);
    return index;
  }

 private:
  uint64_t Encipher(uint64_t block) const {
    const uint64_t mask = (uint64_t{1} << half_bits_) - 1;
    uint64_t left = block >> half_bits_;
    uint64_t right = block & mask;
    for (uint64_t round = 1; round <= 4; ++round) {
      const uint64_t next = left ^ (Mix64(key_ + round * kGoldenGamma + right) & mask);
      left = right;
      right = next;
    }
    return (left << half_bits_) | right;
  }

  uint64_t key_;
  uint64_t size_;
  int half_bits_;
};

}  // namespace millrace::gen
