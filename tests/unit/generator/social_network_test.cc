#include "generator/record_stream.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <map>
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace millrace::gen {
namespace {

namespace json = boost::json;

// FNV-1a over everything that a record says.
class Fingerprint {
 public:
  void Add(const ChangeRecord& record) {
    Add(record.topic);
    Add(record.key);
    Add(record.is_tombstone ? std::string_view("null") : std::string_view(record.value));
    Add(std::to_string(ToMillis(record.timestamp)));
  }
  uint64_t value() const { return hash_; }

 private:
  void Add(std::string_view bytes) {
    for (char byte : bytes) hash_ = (hash_ ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
    hash_ = (hash_ ^ 0xff) * 0x100000001b3;  // no byte of UTF-8, so pieces cannot flow together
  }
  uint64_t hash_ = 0xcbf29ce484222325;
};

SocialNetwork::Options Small() {
  return {.seed = 42, .users = 50, .follows = 5, .posts = 20, .changes = 20'000};
}

uint64_t FingerprintOf(const SocialNetwork::Options& options, uint64_t records) {
  RecordStream network(RecordStream::Tables(options));
  Fingerprint fingerprint;
  ChangeRecord record;
  for (uint64_t i = 0; i < records && network.Next(&record); ++i) fingerprint.Add(record);
  return fingerprint.value();
}

uint64_t Sum(const std::map<std::string_view, uint64_t>& counts) {
  uint64_t sum = 0;
  for (const auto& [what, count] : counts) sum += count;
  return sum;
}

// The tables as the changes make them. Fails where a database could not have made a change.
class Tables {
 public:
  void Apply(const ChangeRecord& record) {
    SCOPED_TRACE(record.key + " " + record.value);
    if (record.is_tombstone) {
      EXPECT_EQ(record.key, deleted_key_);
      deleted_key_.clear();
      return;
    }
    EXPECT_EQ(deleted_key_, "") << "a deletion lacks its tombstone";
    const json::value change = json::parse(record.value);
    const std::string table(change.at("source").at("table").as_string());
    EXPECT_EQ(record.topic, "cdc." + table);
    ApplyTo(table, record.key, change);
    if (table == "comments" && !change.at("after").is_null()) {
      const auto post = json::serialize(change.at("after").at("post_id"));
      EXPECT_EQ(rows_["posts"].count("{\"id\":" + post + "}"), 1u) << "foreign key of comments";
    }
    ++ops_[table + " " + std::string(change.at("op").as_string())];
  }

  const std::map<std::string, int>& ops() const { return ops_; }
  const std::map<std::string, json::value>& rows(const std::string& table) { return rows_[table]; }

 private:
  void ApplyTo(const std::string& table, const std::string& key, const json::value& change) {
    std::map<std::string, json::value>& rows = rows_[table];
    const std::string_view op = change.at("op").as_string();
    const bool existed = rows.count(key) > 0;
    EXPECT_EQ(existed, op == "u" || op == "d");
    if (existed && table == "likes") {
      EXPECT_EQ(change.at("before"), rows[key]);
    }
    if (op == "d") {
      rows.erase(key);
      deleted_key_ = key;
    } else {
      rows[key] = change.at("after");
    }
  }

  std::map<std::string, std::map<std::string, json::value>> rows_;
  std::map<std::string, int> ops_;
  std::string deleted_key_;
};

TEST(SocialNetwork, GivesTheSameBytesOnEveryMachine) {
  EXPECT_EQ(FingerprintOf(Small(), 10'000), 4751903884632062107u);
}

TEST(SocialNetwork, DependsOnItsSeed) {
  SocialNetwork::Options other = Small();
  other.seed = 43;
  EXPECT_NE(FingerprintOf(Small(), 1000), FingerprintOf(other, 1000));
}

TEST(SocialNetwork, ALongerRunBeginsWithAShorterOne) {
  SocialNetwork::Options longer = Small();
  longer.changes *= 2;
  EXPECT_EQ(FingerprintOf(Small(), 15'000), FingerprintOf(longer, 15'000));
}

TEST(SocialNetwork, MakesOnlyChangesThatADatabaseCouldMake) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    SocialNetwork::Options options = Small();
    options.seed = seed;
    // Few enough that everybody soon follows and likes everything.
    options.users = static_cast<uint32_t>(2 + 9 * (seed - 1));
    RecordStream network(RecordStream::Tables(options));
    Tables tables;
    ChangeRecord record;
    while (network.Next(&record)) tables.Apply(record);
    EXPECT_EQ(Sum(network.counts().live_facts), options.changes);
  }
}

TEST(SocialNetwork, MakesEveryKindOfChange) {
  RecordStream network(RecordStream::Tables(Small()));
  Tables tables;
  ChangeRecord record;
  while (network.Next(&record)) tables.Apply(record);
  for (const char* kind :
       {"follows r", "follows c", "follows d", "posts r", "posts c", "posts u", "posts d",
        "likes c", "likes u", "likes d", "comments c", "comments d"}) {
    EXPECT_GT(tables.ops().count(kind), 0u) << kind;
  }
}

TEST(SocialNetwork, BeginsWithTheSnapshotAndItsMarks) {
  SocialNetwork::Options options = Small();
  options.changes = 1;
  RecordStream network(RecordStream::Tables(options));
  std::vector<std::string> marks;  // without repetitions
  ChangeRecord record;
  while (network.Next(&record)) {
    if (record.is_tombstone) continue;
    const json::value source = json::parse(record.value).at("source");
    const std::string mark = std::string(source.at("table").as_string()) + " " +
                             std::string(source.at("snapshot").as_string());
    if (marks.empty() || marks.back() != mark) marks.push_back(mark);
  }
  ASSERT_EQ(marks.size(), 7u);
  marks.pop_back();
  EXPECT_THAT(marks, testing::ElementsAre(
                         "follows first", "follows true", "follows last_in_data_collection",
                         "posts first_in_data_collection", "posts true", "posts last"));
}

TEST(SocialNetwork, TimeAdvancesSteadilyAndNeverGoesBack) {
  SocialNetwork::Options options = Small();
  options.gap = std::chrono::milliseconds(100);
  RecordStream network(RecordStream::Tables(options));
  ChangeRecord record;
  Timestamp last = options.start;
  while (network.Next(&record)) {
    EXPECT_GE(record.timestamp, last);
    EXPECT_LE(record.timestamp - last, std::chrono::milliseconds(200));
    last = record.timestamp;
  }
  EXPECT_NEAR(ToMillis(last) - ToMillis(options.start), 2'000'000, 200);
}

TEST(SocialNetwork, AFewAuthorsHaveMostFollowers) {
  const FollowGraph graph = MakeFollowGraph({.seed = 1, .users = 2000, .median = 20});
  EXPECT_EQ(graph.FollowersOf(1).size(), 500u);  // a quarter of all users is the most
  EXPECT_GT(graph.FollowersOf(10).size(), 5 * graph.FollowersOf(200).size());
  EXPECT_FALSE(graph.Has(5, 5));
  // Median 20, sigma 1.2: 41 on average, a fifth of them returned, less what could not be had.
  EXPECT_NEAR(static_cast<double>(graph.size()), 2000 * 45, 2000 * 12);
}

TEST(SocialNetwork, RunsWithoutASnapshot) {
  RecordStream network(
      RecordStream::Tables({.users = 2, .follows = 0, .posts = 0, .changes = 100}));
  Tables tables;
  ChangeRecord record;
  while (network.Next(&record)) tables.Apply(record);
  EXPECT_EQ(Sum(network.counts().live_facts), 100u);
  EXPECT_FALSE(tables.rows("posts").empty());
}

}  // namespace
}  // namespace millrace::gen
