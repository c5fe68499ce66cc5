#include "base/json_text.h"

#include <string>

#include "gtest/gtest.h"

namespace millrace {
namespace {

std::string Quoted(std::string_view text) {
  std::string out;
  AppendJsonString(text, &out);
  return out;
}

TEST(JsonText, QuotesWhatJsonCannotHold) {
  EXPECT_EQ(Quoted(""), R"("")");
  EXPECT_EQ(Quoted(R"(a"b\c/d)"), R"("a\"b\\c/d")");
  EXPECT_EQ(Quoted("\n\r\t\b\f"), R"("\n\r\t\b\f")");
  EXPECT_EQ(Quoted(std::string("\0\x1f", 2)), R"("\u0000\u001f")");
  EXPECT_EQ(Quoted("äöü 日本語 \x7f"), "\"äöü 日本語 \x7f\"");
}

TEST(JsonText, AppendsToWhatIsThere) {
  std::string out = "x=";
  AppendJsonString("y", &out);
  EXPECT_EQ(out, "x=\"y\"");
}

TEST(Utf8, TakesEveryLengthOfCharacter) {
  for (const char* text :
       {"", "a", "ä", "日", "😀", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
        "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(IsValidUtf8(text)) << text;
  }
  EXPECT_TRUE(IsValidUtf8(std::string_view("\0", 1)));
}

TEST(Utf8, RefusesWhatIsNoCharacter) {
  for (const char* bytes : {
           "\x80",              // a continuation alone
           "\xc3",              // cut off
           "\xe6\x97",          // cut off
           "\xc3(",             // not continued
           "\xc0\x80",          // overlong
           "\xe0\x9f\xbf",      // overlong
           "\xf0\x8f\xbf\xbf",  // overlong
           "\xed\xa0\x80",      // a surrogate
           "\xf4\x90\x80\x80",  // above U+10FFFF
           "\xf8\x88\x80\x80\x80",
           "\xff",
       }) {
    EXPECT_FALSE(IsValidUtf8(bytes));
    EXPECT_FALSE(IsValidUtf8(std::string("ok ") + bytes));
  }
}

}  // namespace
}  // namespace millrace
