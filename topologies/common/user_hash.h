// UserHash: a user's number as 64 bits that do not tell it, for what must know a user again whom
// nobody may remember. Stable: the bits are on disk. Any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace millrace::topologies {

class UserHash {
 public:
  // `salt`: the application's id, so that the hashes of two of them do not match.
  explicit UserHash(std::string_view salt = "") {
    for (const char c : salt) seed_ = Mixed(seed_ ^ static_cast<unsigned char>(c));
  }
  int64_t operator()(int64_t user) const {
    return static_cast<int64_t>(Mixed(Mixed(seed_ ^ static_cast<uint64_t>(user)) + seed_));
  }

 private:
  // SplitMix64's finaliser: every bit of the input moves every bit of the output.
  static uint64_t Mixed(uint64_t bits) {
    bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9;
    bits = (bits ^ bits >> 27) * 0x94D049BB133111EB;
    return bits ^ bits >> 31;
  }

  uint64_t seed_ = 0x9E3779B97F4A7C15;
};

}  // namespace millrace::topologies
