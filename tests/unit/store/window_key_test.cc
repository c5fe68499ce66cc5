#include "store/window_key.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <tuple>
#include <vector>

#include "base/big_endian.h"

namespace millrace::store {
namespace {

std::string Escaped(std::string_view key) {
  std::string escaped;
  AppendEscaped(key, &escaped);
  return escaped;
}

TEST(WindowKey, EscapingKeepsTheOrderOfKeysAndIsUndone) {
  std::vector<std::string> keys = {"",
                                   "a",
                                   "b",
                                   "ab",
                                   std::string("a\0", 2),
                                   std::string("a\0b", 3),
                                   std::string("\0", 1),
                                   "\xff",
                                   std::string("\0\xff", 2),
                                   std::string("\0\0", 2),
                                   "a\xff"};
  std::sort(keys.begin(), keys.end());
  for (size_t i = 0; i < keys.size(); ++i) {
    std::string plain;
    AppendUnescaped(Escaped(keys[i]), &plain);
    EXPECT_EQ(plain, keys[i]);
    if (i == 0) continue;
    EXPECT_LT(Escaped(keys[i - 1]), Escaped(keys[i]));
    EXPECT_FALSE(Escaped(keys[i]).starts_with(Escaped(keys[i - 1])));
  }
}

TEST(WindowKey, SegmentsOfNegativeTimesLieBeforeZero) {
  EXPECT_EQ(SegmentOf(TimestampFromMillis(99), Duration(100)), 0);
  EXPECT_EQ(SegmentOf(TimestampFromMillis(100), Duration(100)), 1);
  EXPECT_EQ(SegmentOf(TimestampFromMillis(-1), Duration(100)), -1);
  EXPECT_EQ(SegmentOf(TimestampFromMillis(-100), Duration(100)), -1);
  EXPECT_EQ(SegmentOf(TimestampFromMillis(-101), Duration(100)), -2);
}

TEST(WindowKey, SegmentsAreHalfTheRetentionButNotShorterThanAMinute) {
  detail::StoreSpec spec;
  spec.retention = Duration(3'600'000);
  EXPECT_EQ(SegmentInterval(spec), Duration(1'800'000));
  spec.retention = Duration(1000);
  EXPECT_EQ(SegmentInterval(spec), Duration(60'000));
  spec.backend = detail::StoreBackendKind::kMemory;
  EXPECT_EQ(SegmentInterval(spec), Duration(1));
}

TEST(WindowKey, BytesOfARowKeyAreThoseThatAreDocumented) {
  std::string bytes;
  AppendOrdered(2, &bytes);
  bytes += Escaped(std::string("k\0", 2));
  AppendOrdered(0x0304, &bytes);
  AppendBigEndian<uint32_t>(5, &bytes);
  EXPECT_EQ(bytes, std::string("\x80\0\0\0\0\0\0\2"  // segment
                               "k\0\xff\0\0"         // key
                               "\x80\0\0\0\0\0\3\4"  // start
                               "\0\0\0\5",           // sequence
                               25));
  WindowKey key;
  ASSERT_TRUE(ParseWindowKey(bytes, &key));
  EXPECT_EQ(key.segment, 2);
  EXPECT_EQ(key.start, TimestampFromMillis(0x0304));
  EXPECT_EQ(key.sequence, 5u);
  EXPECT_FALSE(ParseWindowKey(bytes.substr(0, 21), &key));
}

TEST(WindowKey, AChangelogKeyIsParsedIntoItsParts) {
  const std::string bytes("k\0\0\0\0\0\0\3\4\0\0\0\5", 13);
  ChangelogKey key;
  ASSERT_TRUE(ParseChangelogKey(bytes, &key));
  EXPECT_EQ(key.key, "k");
  EXPECT_EQ(key.start, TimestampFromMillis(0x0304));
  EXPECT_EQ(key.sequence, 5u);
  EXPECT_FALSE(ParseChangelogKey(bytes.substr(0, 11), &key));
}

}  // namespace
}  // namespace millrace::store
