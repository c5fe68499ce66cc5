#include "millrace/partitioner.h"

#include <cstdint>
#include <string>
#include <utility>

#include "gtest/gtest.h"

namespace millrace {
namespace {

// The vectors of Kafka's own UtilsTest.
TEST(Murmur2, IsTheHashOfKafka) {
  const std::pair<const char*, int32_t> vectors[] = {
      {"21", -973932308},
      {"foobar", -790332482},
      {"a-little-bit-long-string", -985981536},
      {"a-little-bit-longer-string", -1486304829},
      {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
      {"abc", 479470107},
  };
  for (const auto& [text, hash] : vectors) {
    EXPECT_EQ(static_cast<int32_t>(Murmur2(text)), hash) << text;
  }
}

TEST(Murmur2, TakesBytesAsUnsigned) {
  EXPECT_NE(Murmur2("\xff"), Murmur2(std::string_view("\0", 1)));
  EXPECT_NE(Murmur2(std::string_view("\0", 1)), Murmur2(""));
}

TEST(PartitionForKey, IsThatOfTheJavaProducer) {
  // (murmur2 & 0x7fffffff) % 3, by hand from the vectors above.
  EXPECT_EQ(PartitionForKey("21", 3), PartitionId((-973932308 & 0x7fffffff) % 3));
  EXPECT_EQ(PartitionForKey("abc", 10), PartitionId(479470107 % 10));
}

TEST(PartitionForKey, StaysInRange) {
  for (int i = 0; i < 1000; ++i) {
    const int32_t partition = PartitionForKey(std::to_string(i), 7).value();
    EXPECT_GE(partition, 0);
    EXPECT_LT(partition, 7);
  }
  EXPECT_EQ(PartitionForKey("any", 1), PartitionId(0));
}

}  // namespace
}  // namespace millrace
