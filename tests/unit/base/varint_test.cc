#include "base/varint.h"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "gtest/gtest.h"

namespace millrace {
namespace {

std::string Encoded(uint64_t value) {
  std::string bytes;
  AppendVarint(value, &bytes);
  return bytes;
}

TEST(Varint, HasTheBytesOfProtobuf) {
  EXPECT_EQ(Encoded(0), std::string(1, '\0'));
  EXPECT_EQ(Encoded(127), "\x7f");
  EXPECT_EQ(Encoded(128), "\x80\x01");
  EXPECT_EQ(Encoded(300), "\xac\x02");
  EXPECT_EQ(Encoded(std::numeric_limits<uint64_t>::max()), std::string(9, '\xff') + "\x01");
}

TEST(Varint, ReadsBackEveryLength) {
  for (int bit = 0; bit < 64; ++bit) {
    for (const uint64_t value : {uint64_t{1} << bit, (uint64_t{1} << bit) - 1}) {
      const std::string bytes = Encoded(value) + "rest";
      std::string_view in = bytes;
      uint64_t read = 0;
      ASSERT_TRUE(ParseVarint(&in, &read));
      EXPECT_EQ(read, value);
      EXPECT_EQ(in, "rest");
    }
  }
}

TEST(Varint, RefusesWhatIsCutOffOrTooLong) {
  for (const std::string& bytes :
       {std::string(), std::string("\x80"), std::string(9, '\xff'), std::string(10, '\x80'),
        std::string(9, '\xff') + "\x02", std::string(11, '\xff')}) {
    std::string_view in = bytes;
    uint64_t value = 17;
    EXPECT_FALSE(ParseVarint(&in, &value));
    EXPECT_EQ(in.size(), bytes.size()) << "nothing is taken";
    EXPECT_EQ(value, 17u);
  }
}

TEST(ZigZag, KeepsSmallNumbersShort) {
  EXPECT_EQ(ZigZag(0), 0u);
  EXPECT_EQ(ZigZag(-1), 1u);
  EXPECT_EQ(ZigZag(1), 2u);
  EXPECT_EQ(ZigZag(-2), 3u);
  for (const int64_t value :
       {std::numeric_limits<int64_t>::min(), int64_t{-300}, std::numeric_limits<int64_t>::max()}) {
    EXPECT_EQ(UnZigZag(ZigZag(value)), value);
  }
}

}  // namespace
}  // namespace millrace
