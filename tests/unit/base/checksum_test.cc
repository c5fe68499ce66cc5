#include "base/checksum.h"

#include <array>
#include <string>

#include "gtest/gtest.h"

namespace millrace {
namespace {

// Checksums lie on disk: another version of the library must give the same.
TEST(Checksum, IsXxh3) {
  EXPECT_EQ(Checksum64(""), 0x2d06800538d394c2u);
  EXPECT_EQ(Checksum64("abc"), 0x78af5f94892f3950u);
  EXPECT_EQ(Hash128(""), (std::array<uint64_t, 2>{0x99aa06d3014798d8u, 0x6001c324468d497fu}));
}

TEST(Checksum, SeesEveryFlippedBit) {
  const std::string bytes(300, 'x');
  const uint64_t whole = Checksum64(bytes);
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    ASSERT_NE(Checksum64(damaged), whole) << bit;
  }
}

TEST(Checksum, DependsOnTheSeed) {
  EXPECT_NE(Checksum64("abc", 1), Checksum64("abc", 2));
  EXPECT_EQ(Checksum64("abc"), Checksum64("abc", 0));
}

}  // namespace
}  // namespace millrace
