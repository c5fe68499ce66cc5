// Every recorded change event, whatever table it is of, without a row type.
#include <map>
#include <string>

#include "connectors/debezium/envelope.h"
#include "gtest/gtest.h"
#include "unit/debezium/captures.h"

namespace millrace::debezium {
namespace {

using ::millrace::testing::Captured;
using ::millrace::testing::ReadCaptures;

// How many changes of each operation the records of a file hold; '0' counts tombstones.
std::map<std::string, int> CountOps(const std::vector<Captured>& records) {
  std::map<std::string, int> counts;
  for (const Captured& record : records) {
    if (!record.value.has_value()) {
      ++counts["0"];
      continue;
    }
    const auto envelope = DecodeEnvelope(*record.value);
    EXPECT_TRUE(envelope.ok()) << record.topic << ": " << envelope.status();
    if (envelope.ok()) ++counts[std::string(OpText((*envelope)->op))];
  }
  return counts;
}

TEST(Captures, OfTheRecommendedConfigurationAllDecode) {
  EXPECT_EQ(
      CountOps(ReadCaptures("cdc")),
      (std::map<std::string, int>{{"c", 8}, {"d", 5}, {"m", 2}, {"r", 9}, {"u", 7}, {"0", 5}}));
}

TEST(Captures, WithSchemasAllDecode) {
  EXPECT_EQ(CountOps(ReadCaptures("cdc-schemas")),
            (std::map<std::string, int>{{"c", 2}, {"d", 2}, {"r", 2}, {"u", 2}, {"0", 2}}));
}

TEST(Captures, OfFlatRowsAllDecode) {
  EXPECT_EQ(
      CountOps(ReadCaptures("cdc-flat")),
      (std::map<std::string, int>{{"c", 8}, {"d", 5}, {"m", 2}, {"r", 7}, {"u", 6}, {"0", 5}}));
}

TEST(Captures, OfATruncateHaveNoRow) {
  for (const Captured& record : ReadCaptures("cdc-extra", "cdcx.public.nopk")) {
    const Envelope& envelope = **DecodeEnvelope(record.value.value());
    EXPECT_EQ(envelope.has_after, envelope.op != Op::kTruncate);
    EXPECT_EQ(envelope.source.table, "nopk");
  }
}

TEST(Captures, OfHeartbeatsAndTransactionsAreNoChanges) {
  for (const char* topic : {"__debezium-heartbeat.cdcx", "cdcx.transaction"}) {
    const auto record = ReadCaptures("cdc-extra", topic).front();
    EXPECT_EQ(DecodeEnvelope(record.value.value()).status().code(),
              absl::StatusCode::kFailedPrecondition);
  }
}

TEST(Envelope, LongerThanAMebibyteIsRefusedAsTooLarge) {
  const std::string body(kMaxDocumentBytes, 'x');
  const std::string bytes = R"({"op":"c","after":{"body":")" + body + R"("}})";
  EXPECT_EQ(DecodeEnvelope(bytes).status().code(), absl::StatusCode::kResourceExhausted);
}

// The source of a table without a primary key has the positions that order its changes.
TEST(Captures, CarryThePositionInTheLog) {
  const auto records = ReadCaptures("cdc", "cdc.nopk");
  const Source snapshot = (*DecodeEnvelope(*records.at(0).value))->source;
  EXPECT_EQ(snapshot.snapshot, Snapshot::kLast);
  EXPECT_EQ(snapshot.last_commit_lsn, std::nullopt);
  EXPECT_EQ(snapshot.lsn, 26586960);
  const Source insert = (*DecodeEnvelope(*records.at(1).value))->source;
  EXPECT_EQ(insert.snapshot, Snapshot::kNo);
  EXPECT_EQ(insert.last_commit_lsn, 26598736);
}

// Every prefix of a real event is damage, and damage is an error, never a crash.
TEST(Captures, CutOffAnywhereAreRefused) {
  const std::string whole = ReadCaptures("cdc", "cdc.likes").front().value.value();
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_EQ(DecodeEnvelope(std::string_view(whole).substr(0, size)).status().code(),
              absl::StatusCode::kInvalidArgument)
        << size;
  }
  EXPECT_TRUE(DecodeEnvelope(whole).ok());
}

}  // namespace
}  // namespace millrace::debezium
