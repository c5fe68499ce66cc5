#include "workers/record_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "workers/raw_json.h"

namespace millrace::worker {
namespace {

using ::testing::ElementsAre;

std::optional<std::string> ValueOf(const std::string& json) {
  return ParseRecordLine("{\"value\":" + json + "}").value().value;
}

TEST(RecordJson, AStringIsItsBytesAndAnyOtherJsonItsTextAsWritten) {
  EXPECT_EQ(ValueOf("\"a\\u00e9\\n\""), "a\u00e9\n");
  EXPECT_EQ(ValueOf("null"), std::nullopt);
  EXPECT_EQ(ValueOf("1.50"), "1.50");
  EXPECT_EQ(ValueOf(" 123456789012345678901234567890 "), "123456789012345678901234567890");
  EXPECT_EQ(ValueOf("{ \"a b\" : [ 1e2 , true ] }"), "{\"a b\":[1e2,true]}");
}

TEST(RecordJson, OfAFieldThatComesTwiceTheLastOneCountsWithItsOwnText) {
  EXPECT_EQ(ParseRecordLine(R"({"value":1.0,"value":2.0})").value().value, "2.0");
}

TEST(RecordJson, AFieldWhoseNameIsEscapedIsTheSameField) {
  EXPECT_EQ(ParseRecordLine(R"({"val\u0075e":[1, 2]})").value().value, "[1,2]");
  EXPECT_EQ(ParseRecordLine(R"({"he\u0061ders":[["h", 7]]})").value().headers.size(), 1u);
}

TEST(RecordJson, HeadersKeepTheirOrderAndTheirNumbersTheirDigits) {
  const Headers headers =
      ParseRecordLine(R"({"headers":[["b",1.50],["a",null],["b",{"x": 2}]]})").value().headers;
  std::vector<std::string> shown;
  for (const Headers::Entry& entry : headers) {
    shown.push_back(std::string(entry.name) + "=" + std::string(entry.value.value_or("NULL")));
  }
  EXPECT_THAT(shown, ElementsAre("b=1.50", "a=NULL", "b={\"x\":2}"));
}

TEST(RawJson, FindsMembersAndElementsAmongBracketsInStrings) {
  const std::string_view object = R"({"a]}": "x\\\"}", "b" : [ "]", {"c":[]} ] ,"d":-1 })";
  EXPECT_EQ(MemberText(object, "a]}"), R"("x\\\"}")");
  EXPECT_EQ(MemberText(object, "b"), R"([ "]", {"c":[]} ])");
  EXPECT_EQ(MemberText(object, "d"), "-1");
  EXPECT_EQ(MemberText(object, "c"), "");
  EXPECT_THAT(ElementTexts(MemberText(object, "b")), ElementsAre("\"]\"", "{\"c\":[]}"));
  EXPECT_THAT(ElementTexts("[ ]"), ElementsAre());
  EXPECT_THAT(ElementTexts("{}"), ElementsAre());
}

TEST(RawJson, CompactTextKeepsWhiteSpaceInStrings) {
  EXPECT_EQ(CompactJson("{ \"a  \\\" b\" :\t[ 1 , \" \" ]\n}"), "{\"a  \\\" b\":[1,\" \"]}");
}

}  // namespace
}  // namespace millrace::worker
