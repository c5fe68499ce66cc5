#include "millrace/serde.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "gtest/gtest.h"

namespace millrace {
namespace {

template <class T>
std::string Encoded(const T& value) {
  std::string bytes;
  Serde<T>::Encode(value, &bytes);
  return bytes;
}

template <class T>
void ExpectBytes(const T& value, const std::string& bytes) {
  EXPECT_EQ(Encoded(value), bytes);
  T decoded{};
  EXPECT_TRUE(Serde<T>::Decode(bytes, &decoded).ok());
  EXPECT_EQ(decoded, value);
}

template <class T>
std::string RefusalOf(const std::string& bytes) {
  T decoded{};
  const absl::Status status = Serde<T>::Decode(bytes, &decoded);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(Serde, IntegersAreBigEndianAsKafkas) {
  ExpectBytes<int32_t>(1, std::string("\0\0\0\1", 4));
  ExpectBytes<int32_t>(-2, "\xff\xff\xff\xfe");
  ExpectBytes<int32_t>(0x01020304, "\x01\x02\x03\x04");
  ExpectBytes<int64_t>(1, std::string("\0\0\0\0\0\0\0\1", 8));
  ExpectBytes<int64_t>(-1, std::string(8, '\xff'));
  ExpectBytes<int64_t>(std::numeric_limits<int64_t>::min(), std::string("\x80\0\0\0\0\0\0\0", 8));
}

TEST(Serde, DoublesAreTheBitsOfIeee754) {
  ExpectBytes<double>(1.0, std::string("\x3f\xf0\0\0\0\0\0\0", 8));
  ExpectBytes<double>(-std::numeric_limits<double>::infinity(),
                      std::string("\xff\xf0\0\0\0\0\0\0", 8));
  double nan = 0;
  ASSERT_TRUE(Serde<double>::Decode(Encoded(std::nan("")), &nan).ok());
  EXPECT_TRUE(std::isnan(nan));
}

TEST(Serde, TextsAndBytesAreThemselves) {
  ExpectBytes<std::string>("", "");
  ExpectBytes<std::string>("häuser", "häuser");
  ExpectBytes<Bytes>({std::string("\0\xff", 2)}, std::string("\0\xff", 2));
}

TEST(Serde, EncodeAppends) {
  std::string bytes = "before";
  Serde<int32_t>::Encode(0x41424344, &bytes);
  Serde<std::string>::Encode("!", &bytes);
  EXPECT_EQ(bytes, "beforeABCD!");
}

TEST(Serde, RefusesNumbersOfAnotherSize) {
  EXPECT_EQ(RefusalOf<int32_t>("abc"), "not an int32: 3 bytes instead of 4");
  EXPECT_EQ(RefusalOf<int64_t>("abcd"), "not an int64: 4 bytes instead of 8");
  EXPECT_EQ(RefusalOf<double>(""), "not an 8-byte double: 0 bytes instead of 8");
  EXPECT_EQ(RefusalOf<int64_t>(std::string(9, 'x')), "not an int64: 9 bytes instead of 8");
}

}  // namespace
}  // namespace millrace
