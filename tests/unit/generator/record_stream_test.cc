#include "generator/record_stream.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <map>
#include <set>
#include <string>

#include "generator/manifest.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace millrace::gen {
namespace {

namespace json = boost::json;

RecordStream::Options Small(uint64_t seed, const std::string& faults) {
  SocialNetwork::Options network{.seed = seed,
                                 .users = 300,
                                 .follows = 8,
                                 .posts = 200,
                                 .likes_per_post = 3,
                                 .history = std::chrono::hours(24 * 95),
                                 .changes = 30'000,
                                 .mix = Mix::Feed(),
                                 .posts_per_author = 90,
                                 .gap = std::chrono::milliseconds(1000),
                                 .quiet = std::chrono::minutes(15),
                                 .lifelike = true,
                                 .coda = true};
  return {.network = network, .announces = true, .faults = Faults::Parse(faults).value()};
}

std::vector<ChangeRecord> All(RecordStream* stream) {
  std::vector<ChangeRecord> records;
  for (ChangeRecord record; stream->Next(&record);) records.push_back(record);
  return records;
}

std::string LinesOf(const std::vector<ChangeRecord>& records) {
  std::string lines;
  for (const ChangeRecord& record : records) AppendRecordLine(record, &lines);
  return lines;
}

// The rows that the changes of tables leave, each told by the change with the greatest position.
std::map<std::string, std::string> RowsOf(const std::vector<ChangeRecord>& records) {
  std::map<std::string, std::pair<int64_t, std::string>> rows;
  for (const ChangeRecord& record : records) {
    if (!record.topic.starts_with("cdc.") || record.is_tombstone || !record.has_key) continue;
    boost::system::error_code error;
    const json::value change = json::parse(record.value, error);
    if (error) continue;
    const json::object& object = change.as_object();
    if (object.at("op") == "z" || object.contains("padding")) continue;
    const int64_t lsn = object.at("source").at("lsn").as_int64();
    auto& [seen, row] = rows[std::string(record.topic) + record.key];
    if (lsn < seen) continue;
    seen = lsn;
    row = object.at("after").is_null() ? "" : json::serialize(object.at("after"));
  }
  std::map<std::string, std::string> left;
  for (const auto& [key, row] : rows) {
    if (!row.second.empty()) left[key] = row.second;
  }
  return left;
}

TEST(RecordStream, GivesTheSameBytesOnEveryMachine) {
  RecordStream stream(Small(5, "all"));
  ChangeRecord record;
  while (stream.Next(&record)) continue;
  EXPECT_EQ(stream.counts().hash, 6188122249597025064u);
}

TEST(RecordStream, SaysTheSameFactsWhateverGoesWrong) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    RecordStream clean(Small(seed, "none"));
    RecordStream faulty(Small(seed, "redelivery=20%,disorder=20%,stale=20%"));
    const auto sent = All(&clean);
    const auto came = All(&faulty);
    EXPECT_GT(came.size(), sent.size() * 11 / 10);
    EXPECT_EQ(RowsOf(came), RowsOf(sent));
  }
}

TEST(RecordStream, ChangesOfARowKeepTheirOrderButForRepetitions) {
  RecordStream stream(Small(2, "disorder=30%"));
  std::map<std::string, int64_t> last;
  for (const ChangeRecord& record : All(&stream)) {
    if (!record.topic.starts_with("cdc.") || record.is_tombstone) continue;
    const int64_t lsn = json::parse(record.value).at("source").at("lsn").as_int64();
    int64_t& before = last[std::string(record.topic) + record.key];
    EXPECT_GE(lsn, before) << record.key;
    before = lsn;
  }
}

TEST(RecordStream, TimeOfTheLogNeverGoesBackAndDisorderIsThere) {
  RecordStream stream(Small(2, "disorder"));
  Timestamp last = kNoTimestamp;
  int64_t behind = 0;
  int64_t newest = 0;
  for (const ChangeRecord& record : All(&stream)) {
    EXPECT_GE(record.timestamp, last);
    last = record.timestamp;
    if (!record.topic.starts_with("cdc.") || record.is_tombstone) continue;
    const int64_t at = json::parse(record.value).at("source").at("ts_ms").as_int64();
    behind += at < newest;
    newest = std::max(newest, at);
  }
  EXPECT_GT(behind, 50);
}

TEST(RecordStream, NothingComesLaterThanFiveMinutesLate) {
  RecordStream stream(Small(2, "disorder=30%,redelivery=30%"));
  for (const ChangeRecord& record : All(&stream)) {
    if (!record.topic.starts_with("cdc.") || record.is_tombstone) continue;
    const int64_t at = json::parse(record.value).at("source").at("ts_ms").as_int64();
    EXPECT_LE(ToMillis(record.timestamp) - at, 2 * 300'000);  // late, and again
  }
}

TEST(RecordStream, ATurnedKnobMovesNothingElse) {
  RecordStream without(Small(4, "none"));
  RecordStream with(Small(4, "malformed=1%"));
  const std::vector<ChangeRecord> good = All(&without);
  size_t at = 0;
  uint64_t extra = 0;
  for (const ChangeRecord& record : All(&with)) {
    const bool same = at < good.size() && record.value == good[at].value &&
                      record.key == good[at].key && record.has_key == good[at].has_key;
    same ? ++at : ++extra;
  }
  EXPECT_EQ(at, good.size());
  EXPECT_EQ(extra, with.counts().faults.at("malformed"));
}

TEST(RecordStream, HasEveryFormOfDamageAndCountsItsDeadLetters) {
  RecordStream stream(Small(4, "malformed=2%"));
  All(&stream);
  const StreamCounts& counts = stream.counts();
  EXPECT_EQ(counts.malformed.size(), kBadForms);
  uint64_t letters = 0;
  std::set<std::string_view> classes;
  for (const auto& [topic, of_topic] : counts.dead_letters) {
    for (const auto& [poison, count] : of_topic) {
      letters += count;
      classes.insert(poison);
    }
  }
  EXPECT_EQ(letters, counts.faults.at("malformed"));
  EXPECT_THAT(classes, testing::ElementsAre("DESERIALIZE", "OVERSIZE", "POLICY", "RANGE", "SCHEMA",
                                            "STATE"));
}

TEST(RecordStream, AllFaultsHappenAndTheManifestCountsThem) {
  const RecordStream::Options options =
      Small(6, "all,flaps=20%,erasures=2%,early-likes=5%,very-late=2%,malformed=1%");
  RecordStream stream(options);
  All(&stream);
  const json::value manifest = json::parse(ManifestOf(options, stream.counts()));
  for (size_t i = 0; i < kFaultKinds; ++i) {
    const std::string name(NameOf(static_cast<Fault>(i)));
    EXPECT_GT(manifest.at("faults").at(name).at("count").as_int64(), 0) << name;
  }
  EXPECT_EQ(manifest.at("live_facts").at("erase").as_int64(), 6);
  EXPECT_GT(manifest.at("records").at("outbox.events").as_int64(), 0);
}

TEST(RecordStream, LinesAreThoseOfTopicProduce) {
  RecordStream stream(Small(4, "malformed=1%"));
  const std::string lines = LinesOf(All(&stream));
  size_t encoded = 0;
  for (size_t begin = 0; begin < lines.size();) {
    const size_t end = lines.find('\n', begin);
    const json::value line = json::parse(lines.substr(begin, end - begin));
    EXPECT_TRUE(line.at("topic").is_string());
    encoded += line.as_object().contains("encoding");
    begin = end + 1;
  }
  EXPECT_EQ(encoded, stream.counts().malformed.at("bad-utf8"));
}

TEST(Faults, AreParsedFromNamesAndParts) {
  const Faults faults = Faults::Parse("all,malformed=0.2%,-flaps").value();
  EXPECT_EQ(faults[Fault::kMalformed], 2000u);
  EXPECT_EQ(faults[Fault::kFlaps], 0u);
  EXPECT_EQ(faults[Fault::kDisorder], 50'000u);
  EXPECT_EQ(Faults::Parse("disorder").value()[Fault::kRedelivery], 0u);
  EXPECT_THAT(Faults::Parse("noise").status().message(), testing::HasSubstr("'noise'"));
  EXPECT_THAT(Faults::Parse("late=7").status().message(), testing::HasSubstr("'7'"));
}

}  // namespace
}  // namespace millrace::gen
