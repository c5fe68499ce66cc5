#include "base/big_endian.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace millrace {
namespace {

TEST(BigEndian, PutsTheHighestByteFirst) {
  std::string bytes;
  AppendBigEndian<uint16_t>(0x0102, &bytes);
  AppendBigEndian<uint32_t>(0xfffefdfc, &bytes);
  EXPECT_EQ(bytes, "\x01\x02\xff\xfe\xfd\xfc");
  EXPECT_EQ(ReadBigEndian<uint16_t>(bytes), 0x0102);
  EXPECT_EQ(ReadBigEndian<uint32_t>(bytes.substr(2)), 0xfffefdfcu);
}

TEST(OrderedInteger, SortsAsBytesAsItDoesAsANumber) {
  const std::vector<int64_t> numbers = {
      std::numeric_limits<int64_t>::min(), -257, -256, -1, 0, 1, 255, 256,
      std::numeric_limits<int64_t>::max()};
  std::vector<std::string> keys;
  for (const int64_t number : numbers) {
    AppendOrdered(number, &keys.emplace_back());
    EXPECT_EQ(ReadOrdered(keys.back()), number);
  }
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
}

}  // namespace
}  // namespace millrace
