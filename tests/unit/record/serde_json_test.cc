#include "millrace/serde_json.h"

#include <bit>
#include <boost/json.hpp>
#include <cmath>
#include <random>
#include <string>

#include "gtest/gtest.h"
#include "millrace/detail/codec.h"
#include "millrace/topic.h"

namespace millrace {
namespace {

Json Decode(std::string_view text) {
  Json json;
  const absl::Status status = Serde<Json>::Decode(text, &json);
  EXPECT_TRUE(status.ok()) << text << ": " << status;
  return json;
}

std::string Again(std::string_view text) {
  std::string bytes;
  Serde<Json>::Encode(Decode(text), &bytes);
  return bytes;
}

TEST(Json, IsAValueOfATopic) {
  const Topic<std::string, Json> topic("events");
  EXPECT_EQ(topic.name(), "events");
  EXPECT_EQ(detail::CodecOf<Json>()->format, detail::Format::kJson);
  EXPECT_EQ(Json(), Decode("null"));
}

TEST(Json, KeepsTheOrderOfFieldsAndDropsWhiteSpace) {
  EXPECT_EQ(Again(" { \"b\" : [ 1 , true , null ] ,\n\"a\" : { \"\" : \"x\" } } "),
            R"({"b":[1,true,null],"a":{"":"x"}})");
}

TEST(Json, KeepsIntegersOf64BitsExact) {
  for (const char* text : {"0", "9007199254740993", "-9223372036854775808", "9223372036854775807",
                           "18446744073709551615"}) {
    EXPECT_EQ(Again(text), text);
  }
}

TEST(Json, KeepsNumbersWithAFractionExact) {
  constexpr uint64_t kSeed = 7;
  SCOPED_TRACE(kSeed);
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 100'000; ++i) {
    const double number = std::bit_cast<double>(random());
    if (!std::isfinite(number)) continue;
    const Json json = boost::json::value(number);
    const Json read = Decode(json.ToString());
    ASSERT_EQ(std::bit_cast<uint64_t>(read->to_number<double>()), std::bit_cast<uint64_t>(number))
        << json.ToString();
  }
  EXPECT_EQ(Decode("1.1935319286735585E-1")->as_double(), 0.11935319286735585);
}

TEST(Json, ReadsWhatIsTooSmallAsZero) { EXPECT_EQ(Decode("1e-400")->as_double(), 0.0); }

TEST(Json, KeepsLongTextsWhole) {
  const std::string text = "\"" + std::string(100'000, 'x') + "\\n\\u00e4\\ud83d\\ude00\"";
  EXPECT_EQ(Decode(text)->as_string().size(), 100'007u);
  EXPECT_EQ(Decode(Again(text)), Decode(text));
}

TEST(Json, FindLooksIntoObjectsOnly) {
  const Json json = Decode(R"({"a":1,"a":2,"b":null})");
  EXPECT_EQ(json.Find("a")->as_int64(), 2);
  EXPECT_TRUE(json.Find("b")->is_null());
  EXPECT_EQ(json.Find("c"), nullptr);
  EXPECT_EQ(Decode("[1]").Find("a"), nullptr);
}

TEST(Json, EncodeAppends) {
  std::string bytes = "x";
  Serde<Json>::Encode(Decode("[1]"), &bytes);
  EXPECT_EQ(bytes, "x[1]");
}

TEST(Json, RefusesWhatIsNoDocument) {
  const std::string deep = std::string(300, '[') + std::string(300, ']');
  for (const std::string& text :
       {std::string(), std::string(" "), std::string("{"), std::string("[1,]"), std::string("nul"),
        std::string("1 2"), std::string("{\"a\":1}}"), std::string("\"\xff\""),
        std::string("\"\xc3\""), std::string("1e400"), std::string("-1e400"), std::string("NaN"),
        std::string("{'a':1}"), std::string("/**/1"), std::string("01"), deep}) {
    Json json;
    EXPECT_EQ(Serde<Json>::Decode(text, &json).code(), absl::StatusCode::kInvalidArgument) << text;
  }
  // A failure leaves nothing behind in the parser of this thread.
  EXPECT_EQ(Again("[1,[2]]"), "[1,[2]]");
}

}  // namespace
}  // namespace millrace
