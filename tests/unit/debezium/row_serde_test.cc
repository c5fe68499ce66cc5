#include <limits>
#include <string>

#include "connectors/debezium/row_codec.h"
#include "gtest/gtest.h"
#include "unit/debezium/test_rows.h"

namespace millrace::debezium {
namespace {

absl::StatusOr<Item> Decode(std::string_view json) {
  Item item;
  MR_RETURN_IF_ERROR(RowSerde<Item>::Decode(json, &item));
  return item;
}

// kItemJson with one field changed.
std::string With(std::string_view field, std::string_view value) {
  std::string json(kItemJson);
  const std::string name = "\"" + std::string(field) + "\":";
  const size_t from = json.find(name) + name.size();
  const size_t to =
      json[from] == '"' ? json.find('"', from + 1) + 1 : json.find_first_of(",}", from);
  return json.replace(from, to - from, value);
}

std::string MessageOf(std::string_view json) {
  const absl::Status status = Decode(json).status();
  EXPECT_FALSE(status.ok()) << json;
  return std::string(status.message());
}

TEST(RowSerde, ReadsAColumnOfEveryType) { EXPECT_EQ(Decode(kItemJson).value(), SomeItem()); }

TEST(RowSerde, ReadsColumnsInAnyOrderAndSkipsOthers) {
  std::string json = R"({"edited":null,"extra":{"a":[1,{"b":2}]},"created":"1970-01-01T00:00:00Z",)"
                     R"("weight":1,"hidden":false,"color":"red","name":"","small":0,"id":1})";
  const Item item = Decode(json).value();
  EXPECT_EQ(item.id, 1);
  EXPECT_EQ(item.created, TimestampFromMillis(0));
  EXPECT_TRUE(item.big.is_null());
  EXPECT_FALSE(item.note.has_value());
}

TEST(RowSerde, ReadsTheRowInsideASchema) {
  const std::string json =
      R"({"schema":{"type":"struct"},"payload":)" + std::string(kItemJson) + "}";
  EXPECT_EQ(Decode(json).value(), SomeItem());
}

TEST(RowSerde, KeepsIntegersOf64BitsExact) {
  EXPECT_EQ(Decode(With("id", "9007199254740993"))->id, 9007199254740993);
  EXPECT_EQ(Decode(With("id", "-9223372036854775808"))->id, std::numeric_limits<int64_t>::min());
  EXPECT_EQ(MessageOf(With("id", "9223372036854775808")),
            "id: expected an integer of 64 bits, got 9223372036854775808");
  EXPECT_EQ(MessageOf(With("small", "2147483648")),
            "small: expected an integer of 32 bits, got 2147483648");
}

TEST(RowSerde, ReadsDecimalsInTexts) {
  EXPECT_EQ(Decode(With("weight", R"("9.75")"))->weight, 9.75);
  EXPECT_EQ(Decode(With("weight", "3"))->weight, 3.0);
  EXPECT_EQ(MessageOf(With("weight", R"("AJY=")")), "weight: expected a number, got \"AJY=\"");
}

TEST(RowSerde, OverwritesWhatTheTargetHeld) {
  Item item = SomeItem();
  std::string json = With("big", "null");
  ASSERT_TRUE(RowSerde<Item>::Decode(json, &item).ok());
  EXPECT_TRUE(item.big.is_null());
  ASSERT_TRUE(RowSerde<Item>::Decode(With("note", "null"), &item).ok());
  EXPECT_EQ(item.note, std::nullopt);
  EXPECT_EQ(item.big.value(), "long text");
}

TEST(RowSerde, TellsAColumnThatWasLeftOutFromAText) {
  EXPECT_TRUE(Decode(With("big", R"("__debezium_unavailable_value")"))->big.is_unchanged());
  EXPECT_TRUE(
      Decode(With("big", R"("X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==")"))->big.is_unchanged());
  EXPECT_EQ(MessageOf(With("name", R"("__debezium_unavailable_value")")),
            "name: expected a text, got a value that Debezium left out (TOAST)");
}

TEST(RowSerde, NamesTheColumnAndWhatItGot) {
  EXPECT_EQ(MessageOf(With("id", "null")), "id: expected an integer of 64 bits, got null");
  EXPECT_EQ(MessageOf(With("id", "\"x\"")), "id: expected an integer of 64 bits, got \"x\"");
  EXPECT_EQ(MessageOf(With("id", "1.5")),
            "id: expected an integer of 64 bits, got a number with a fraction");
  EXPECT_EQ(MessageOf(With("name", "[1]")), "name: expected a text, got an array");
  EXPECT_EQ(MessageOf(With("hidden", "0")), "hidden: expected a boolean, got 0");
  EXPECT_EQ(MessageOf(With("color", "\"green\"")),
            "color: expected one of red blue, got \"green\"");
  EXPECT_EQ(MessageOf(With("created", "5")),
            "created: expected an ISO-8601 time with its zone, got 5");
  EXPECT_EQ(MessageOf("{}"), "id: expected an integer of 64 bits, got nothing");
}

TEST(RowSerde, RefusesWhatIsNoObject) {
  EXPECT_EQ(MessageOf("[1]"), "the document: expected an object");
  EXPECT_EQ(MessageOf("null"), "the document: expected an object");
  for (const std::string_view bytes : {"", " ", "{", R"({"id":1)", "\xff", "{\"id\":\"\xc3\"}",
                                       "{\"id\":1}}", "{'id':1}", "{\"id\":01}"}) {
    EXPECT_EQ(MessageOf(bytes).substr(0, 19), "not a JSON document") << bytes;
  }
}

TEST(RowSerde, WritesTheBytesOfTheDeclaredColumns) {
  std::string json;
  RowSerde<Item>::Encode(SomeItem(), &json);
  EXPECT_EQ(json, R"({"id":7,"small":-3,"name":"box","big":"long text","color":"blue","note":"n",)"
                  R"("hidden":true,"weight":2.5,"created":"2026-01-02T03:04:05.123Z",)"
                  R"("edited":1772323201000000})");
}

TEST(RowSerde, WritesTextsThatReadBackAsTheyWere) {
  Item item = SomeItem();
  item.name = "äöü 日本語 \"quoted\" \\ \n\r\t\b\f" + std::string(1, '\0') + "\x1f";
  item.big = Toastable<std::string>::Unchanged();
  item.note.reset();
  item.edited.reset();
  item.weight = 0.1;
  EXPECT_EQ(Decode(RowSerde<Item>::ToJson(item)).value(), item);
}

}  // namespace
}  // namespace millrace::debezium
