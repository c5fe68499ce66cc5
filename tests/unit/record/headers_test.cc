#include "millrace/headers.h"

#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace millrace {
namespace {

std::string Encoded(const Headers& headers) {
  std::string bytes;
  AppendHeaders(headers, &bytes);
  return bytes;
}

Headers SomeHeaders() {
  return {{"trace", "00-abc"},
          {"empty", ""},
          {"null", std::nullopt},
          {"trace", std::string("\0\xff", 2)},
          {"", std::string(300, 'x')}};
}

TEST(Headers, LastFindsTheEntryThatWasAddedLast) {
  const Headers headers = SomeHeaders();
  EXPECT_EQ(headers.Last("trace")->value, std::string("\0\xff", 2));
  EXPECT_EQ(headers.Last("null")->value, std::nullopt);
  EXPECT_EQ(headers.Last("missing"), nullptr);
}

TEST(Headers, RemoveTakesEveryEntryOfTheName) {
  Headers headers = SomeHeaders();
  headers.Remove("trace");
  EXPECT_EQ(headers.size(), 3u);
  EXPECT_EQ(headers.Last("trace"), nullptr);
  headers.Remove("missing");
  EXPECT_EQ(headers.size(), 3u);
}

TEST(HeadersCodec, KeepsOrderDuplicatesNullsAndBytes) {
  Headers decoded{{"old", "content"}};
  ASSERT_TRUE(DecodeHeaders(Encoded(SomeHeaders()), &decoded).ok());
  EXPECT_EQ(decoded, SomeHeaders());
}

TEST(HeadersCodec, WritesNoHeadersAsNoBytes) {
  EXPECT_EQ(Encoded(Headers()), "");
  Headers decoded = SomeHeaders();
  ASSERT_TRUE(DecodeHeaders("", &decoded).ok());
  EXPECT_TRUE(decoded.empty());
}

// The form lies on disk.
TEST(HeadersCodec, HasTheseBytes) {
  EXPECT_EQ(Encoded({{"ab", "c"}, {"n", std::nullopt}, {"e", ""}}), std::string("\x03\x02"
                                                                                "ab\x02"
                                                                                "c\x01"
                                                                                "n\x00\x01"
                                                                                "e\x01",
                                                                                12));
}

TEST(HeadersCodec, ReportsEveryTruncationAsDataLoss) {
  const std::string whole = Encoded(SomeHeaders());
  Headers decoded;
  for (size_t size = 1; size < whole.size(); ++size) {
    EXPECT_EQ(DecodeHeaders(std::string_view(whole).substr(0, size), &decoded).code(),
              absl::StatusCode::kDataLoss)
        << size;
  }
}

TEST(HeadersCodec, ReportsOtherDamageAsDataLoss) {
  Headers decoded;
  const std::string trailing = Encoded(SomeHeaders()) + "x";
  const std::string none("\0", 1);              // a list that should have been no bytes
  const std::string huge = "\x01\xff\xff\x7f";  // a name longer than what follows
  const std::string endless(12, '\xff');        // a varint that never ends
  for (const std::string& bytes : {trailing, none, huge, endless}) {
    EXPECT_EQ(DecodeHeaders(bytes, &decoded).code(), absl::StatusCode::kDataLoss);
  }
}

}  // namespace
}  // namespace millrace
