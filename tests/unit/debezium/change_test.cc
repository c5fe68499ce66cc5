#include "connectors/debezium/change.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "unit/debezium/test_rows.h"

namespace millrace::debezium {
namespace {

using ::testing::HasSubstr;
using ItemChange = Change<Item>;

absl::StatusOr<ItemChange> Decode(std::string_view json) {
  ItemChange change;
  MR_RETURN_IF_ERROR(Serde<ItemChange>::Decode(json, &change));
  return change;
}

std::string MessageOf(std::string_view json) {
  const absl::Status status = Decode(json).status();
  EXPECT_FALSE(status.ok()) << json;
  return std::string(status.message());
}

constexpr std::string_view kSource =
    R"({"version":"3.6.1.Final","connector":"postgresql","ts_ms":1795235976986,)"
    R"("snapshot":"false","sequence":"[\"26596928\",\"26597120\"]","schema":"public",)"
    R"("table":"items","txId":765,"lsn":26597120,"xmin":null})";

std::string Event(std::string_view op, std::string_view before, std::string_view after,
                  std::string_view source = kSource) {
  std::string json = R"({"before":)";
  json.append(before).append(R"(,"after":)").append(after);
  json.append(R"(,"source":)").append(source).append(R"(,"transaction":null,"op":")").append(op);
  return json.append(R"(","ts_ms":1795235977114})");
}

TEST(Change, ReadsWhatHappenedWhereAndWhen) {
  const ItemChange change = Decode(Event("u", kItemJson, kItemJson)).value();
  EXPECT_EQ(change.op, Op::kUpdate);
  EXPECT_EQ(change.before, SomeItem());
  EXPECT_EQ(change.after, SomeItem());
  EXPECT_EQ(change.emitted, TimestampFromMillis(1795235977114));
  EXPECT_EQ(change.source, (Source{.time = TimestampFromMillis(1795235976986),
                                   .table = "items",
                                   .last_commit_lsn = 26596928,
                                   .lsn = 26597120,
                                   .transaction = 765}));
}

TEST(Change, KnowsEveryOperation) {
  EXPECT_EQ(Decode(Event("c", "null", kItemJson))->op, Op::kCreate);
  EXPECT_EQ(Decode(Event("r", "null", kItemJson))->op, Op::kSnapshot);
  EXPECT_EQ(Decode(Event("d", kItemJson, "null"))->op, Op::kDelete);
  EXPECT_EQ(Decode(Event("t", "null", "null"))->op, Op::kTruncate);
  EXPECT_EQ(Decode(Event("m", "null", "null"))->op, Op::kMessage);
}

TEST(Change, ReadsTheSameInsideASchema) {
  const std::string event = Event("c", "null", kItemJson);
  const std::string wrapped = R"({"schema":{"fields":[{"field":"op"}]},"payload":)" + event + "}";
  EXPECT_EQ(Decode(wrapped).value(), Decode(event).value());
}

TEST(Change, ReadsANullDocumentAsATombstone) {
  EXPECT_EQ(Decode("null")->op, Op::kTombstone);
  EXPECT_EQ(Decode(R"({"schema":null,"payload":null})")->op, Op::kTombstone);
}

TEST(Change, ToleratesABeforeThatHoldsOnlyTheKey) {
  const ItemChange change =
      Decode(Event("d", R"({"id":7,"name":null,"created":null})", "null")).value();
  EXPECT_EQ(change.before, (Item{.id = 7}));
  EXPECT_EQ(change.after, std::nullopt);
  EXPECT_EQ(Decode(Event("d", "null", "null"))->before, std::nullopt);
}

TEST(Change, ReadsFlatRows) {
  const std::string row(kItemJson.substr(0, kItemJson.size() - 1));
  const ItemChange created =
      Decode(row + R"(,"__deleted":"false","__op":"c","__table":"items","__lsn":26596632,)"
                   R"("__source_ts_ms":1795235976986})")
          .value();
  EXPECT_EQ(created.op, Op::kCreate);
  EXPECT_EQ(created.after, SomeItem());
  EXPECT_EQ(created.source.table, "items");
  EXPECT_EQ(created.source.lsn, 26596632);
  EXPECT_EQ(created.source.time, TimestampFromMillis(1795235976986));

  const ItemChange deleted = Decode(R"({"id":7,"__deleted":"true"})").value();
  EXPECT_EQ(deleted.op, Op::kDelete);
  EXPECT_EQ(deleted.before, (Item{.id = 7}));
  EXPECT_EQ(deleted.source.time, kNoTimestamp);
  EXPECT_EQ(Decode(row + R"(,"__deleted":"false"})")->op, Op::kUpdate);
  EXPECT_EQ(Decode(row + R"(,"__op":"r"})")->source.snapshot, Snapshot::kRow);
}

TEST(Change, TellsWhichPartOfASnapshotARowIs) {
  const auto snapshot = [](std::string_view text) {
    std::string source(kSource);
    source.replace(source.find("\"false\""), 7, text);
    return Decode(Event("r", "null", kItemJson, source))->source.snapshot;
  };
  EXPECT_EQ(snapshot("\"true\""), Snapshot::kRow);
  EXPECT_EQ(snapshot("\"first\""), Snapshot::kRow);
  EXPECT_EQ(snapshot("\"first_in_data_collection\""), Snapshot::kRow);
  EXPECT_EQ(snapshot("\"last_in_data_collection\""), Snapshot::kRow);
  EXPECT_EQ(snapshot("\"last\""), Snapshot::kLast);
  EXPECT_EQ(snapshot("\"incremental\""), Snapshot::kIncremental);
  EXPECT_EQ(snapshot("true"), Snapshot::kRow);
  EXPECT_EQ(snapshot("false"), Snapshot::kNo);
  EXPECT_EQ(snapshot("null"), Snapshot::kNo);
}

TEST(Change, TakesSourcesOfOtherConnectors) {
  const ItemChange change =
      Decode(Event("c", "null", kItemJson, R"({"ts_ms":5,"table":"items","sequence":"x"})"))
          .value();
  EXPECT_EQ(change.source, (Source{.time = TimestampFromMillis(5), .table = "items"}));
}

TEST(Change, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(MessageOf("{"), HasSubstr("not a JSON document"));
  EXPECT_EQ(MessageOf("7"), "the document: expected an object");
  EXPECT_EQ(MessageOf("{}"),
            "op: missing, and so are __op and __deleted: not a change event of Debezium");
  EXPECT_EQ(MessageOf(Event("x", "null", kItemJson)),
            "op: unknown operation \"x\", expected c, u, d, r, t or m");
  EXPECT_EQ(MessageOf(Event("", "null", kItemJson)),
            "op: unknown operation \"\", expected c, u, d, r, t or m");
  EXPECT_EQ(MessageOf(R"({"__op":4})"), "__op: expected a text");
  EXPECT_EQ(MessageOf(Event("u", "null", "null")), "after: missing in a change with op u");
  EXPECT_EQ(MessageOf(Event("c", "null", "5")), "after: expected an object or null");
  EXPECT_EQ(MessageOf(Event("d", "[]", "null")), "before: expected an object or null");
  EXPECT_EQ(MessageOf(Event("c", "null", kItemJson, "null")), "source: expected an object");
  EXPECT_EQ(MessageOf(Event("c", "null", kItemJson, R"({"table":"items"})")),
            "source.ts_ms: expected a time as an integer or as ISO-8601 text, got nothing");
  EXPECT_EQ(MessageOf(Event("c", "null", kItemJson, R"({"ts_ms":1})")),
            "source.table: expected a text, got nothing");
  EXPECT_EQ(MessageOf(Event("c", "null", R"({"id":"7"})")),
            "after.id: expected an integer of 64 bits, got \"7\"");
}

TEST(Change, ForgetsWhatItsTargetHeld) {
  ItemChange change = Decode(Event("u", kItemJson, kItemJson)).value();
  ASSERT_TRUE(DecodeChange<Item>(R"({"id":1,"__deleted":true})", &change).ok());
  EXPECT_EQ(change, (ItemChange{.op = Op::kDelete, .before = Item{.id = 1}}));
  ASSERT_TRUE(DecodeChange<Item>("null", &change).ok());
  EXPECT_EQ(change, ItemChange());
}

TEST(Change, WritesAPlainEnvelope) {
  std::string json;
  Serde<ItemChange>::Encode(Decode(Event("c", "null", kItemJson)).value(), &json);
  EXPECT_EQ(json, R"({"before":null,"after":{"id":7,"small":-3,"name":"box","big":"long text",)"
                  R"("color":"blue","note":"n","hidden":true,"weight":2.5,)"
                  R"("created":"2026-01-02T03:04:05.123Z","edited":1772323201000000},)"
                  R"("source":{"ts_ms":1795235976986,"snapshot":"false",)"
                  R"("sequence":"[\"26596928\",\"26597120\"]","table":"items","txId":765,)"
                  R"("lsn":26597120},"op":"c","ts_ms":1795235977114})");
}

TEST(Change, ReadsBackEverythingThatItWrites) {
  Item toasted = SomeItem();
  toasted.big = Toastable<std::string>::Unchanged();
  for (const ItemChange& change : {
           ItemChange{.op = Op::kCreate, .after = SomeItem()},
           ItemChange{.op = Op::kUpdate, .before = SomeItem(), .after = toasted},
           ItemChange{.op = Op::kDelete, .before = Item()},
           ItemChange{.op = Op::kSnapshot,
           .after = SomeItem(),
           .source = {.table = "items", .snapshot = Snapshot::kLast, .lsn = 1}},
           ItemChange{.op = Op::kSnapshot,
           .after = SomeItem(),
           .source = {.table = "items", .snapshot = Snapshot::kIncremental}},
           ItemChange{.op = Op::kTruncate, .emitted = TimestampFromMillis(9)},
           ItemChange{.op = Op::kMessage},
           ItemChange(),
       }) {
    const std::string json = Serde<ItemChange>::ToJson(change);
    EXPECT_EQ(Decode(json).value(), change) << json;
  }
}

}  // namespace
}  // namespace millrace::debezium
