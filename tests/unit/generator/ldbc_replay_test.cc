#include "generator/ldbc_replay.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace millrace::gen {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kTinyNetwork = MILLRACE_SOURCE_DIR "/tests/oracle/tiny-ldbc";

// "table op snapshot-mark key" of every record, until the end or an error.
absl::StatusOr<std::vector<std::string>> Summary(const std::string& folder,
                                                 const LdbcReplay::Options& options = {}) {
  auto replay = LdbcReplay::Open(folder, options);
  if (!replay.ok()) return replay.status();
  std::vector<std::string> lines;
  ChangeRecord record;
  Timestamp last = kNoTimestamp;
  while (true) {
    absl::StatusOr<bool> more = (*replay)->Next(&record);
    if (!more.ok()) return more.status();
    if (!*more) return lines;
    EXPECT_GE(record.timestamp, last);
    last = record.timestamp;
    const json::value change = json::parse(record.value);
    const json::value key_fields = json::parse(record.key);
    std::string key;
    for (const auto& entry : key_fields.as_object()) {
      key += " " + json::serialize(entry.value());
    }
    lines.push_back(std::string(record.topic.substr(4)) + " " +
                    std::string(change.at("op").as_string()) + " " +
                    std::string(change.at("source").at("snapshot").as_string()) + key);
  }
}

std::vector<json::value> Rows(const std::string& table) {
  auto replay = LdbcReplay::Open(kTinyNetwork, {});
  std::vector<json::value> rows;
  ChangeRecord record;
  while (replay.value()->Next(&record).value()) {
    if (record.topic == "cdc." + table) rows.push_back(json::parse(record.value).at("after"));
  }
  return rows;
}

class LdbcReplayTest : public testing::Test {
 protected:
  LdbcReplayTest() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(testing::TempDir()) / (std::string("ldbc_replay_") + test->name());
    fs::remove_all(folder_);
    fs::copy(kTinyNetwork, folder_);
  }
  ~LdbcReplayTest() override { fs::remove_all(folder_); }

  void Append(const std::string& file, const std::string& line) {
    std::ofstream(folder_ / file, std::ios::app) << line << "\n";
  }
  std::string Error() {
    const absl::Status status = Summary(folder_).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    return std::string(status.message());
  }

  fs::path folder_;
};

TEST_F(LdbcReplayTest, HandsOutTheSnapshotTableByTableAndThenTheUpdatesInTheirOrder) {
  EXPECT_THAT(
      Summary(kTinyNetwork).value(),
      ElementsAre("follows r first 11 12", "follows r true 12 11", "follows r true 12 13",
                  "follows r last_in_data_collection 13 12", "posts r first_in_data_collection 101",
                  "posts r true 102", "posts r last_in_data_collection 103",
                  "comments r first_in_data_collection "
                  "\"00000000-0000-8000-8000-0000000000ca\"",
                  "comments r last_in_data_collection "
                  "\"00000000-0000-8000-8000-0000000000c9\"",
                  "likes r first_in_data_collection 101 12", "likes r last 101 13",
                  "likes c false 102 11", "posts c false 104",
                  "comments c false \"00000000-0000-8000-8000-0000000000cb\"",
                  "comments c false \"00000000-0000-8000-8000-0000000000cc\"",
                  "follows c false 11 13", "follows c false 13 11", "likes c false 104 13"));
}

TEST_F(LdbcReplayTest, CountsBothFollowsOfAFriendshipAgainstTheLimit) {
  std::vector<std::string> all = Summary(kTinyNetwork).value();
  for (uint64_t limit = 0; limit <= 8; ++limit) {
    const auto some = Summary(kTinyNetwork, {.changes_max = limit}).value();
    EXPECT_EQ(some.size(), std::min<size_t>(11 + limit, all.size()));
    EXPECT_TRUE(std::equal(some.begin(), some.end(), all.begin()));
  }
}

TEST_F(LdbcReplayTest, PutsCommentsUnderThePostAtTheRootOfTheirThread) {
  const std::vector<json::value> rows = Rows("comments");
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].at("post_id"), 101);
  EXPECT_EQ(rows[0].at("parent_id"), "00000000-0000-8000-8000-0000000000c9");
  EXPECT_EQ(rows[1].at("parent_id"), nullptr);
  EXPECT_EQ(rows[2].at("post_id"), 101);
  EXPECT_EQ(rows[3].at("post_id"), 104);
}

TEST_F(LdbcReplayTest, GivesPhotosTheirNameAsText) {
  const std::vector<json::value> rows = Rows("posts");
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].at("body"), "Über \"quotes\" and \\ back");
  EXPECT_EQ(rows[0].at("created_at"), "2010-11-25T10:00:00.000000Z");
  EXPECT_EQ(rows[1].at("body"), "photo102.jpg");
  EXPECT_EQ(rows[3].at("body"), "a live post");
  EXPECT_EQ(rows[3].at("author_id"), 12);
  EXPECT_EQ(rows[3].at("created_at"), "2010-11-25T12:02:00.000000Z");
}

TEST_F(LdbcReplayTest, NamesAFileThatIsMissing) {
  fs::remove(folder_ / "post_0_0.csv");
  const absl::Status status = LdbcReplay::Open(folder_, {}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("post_0_0.csv"));
}

TEST_F(LdbcReplayTest, RefusesAFileWithOtherColumns) {
  fs::copy_file(folder_ / "person_likes_post_0_0.csv", folder_ / "post_0_0.csv",
                fs::copy_options::overwrite_existing);
  EXPECT_THAT(Error(), HasSubstr("post_0_0.csv:1: the first line must be id|imageFile|"));
}

TEST_F(LdbcReplayTest, NamesTheLineThatIsWrong) {
  Append("person_likes_post_0_0.csv", "11|x|2010-11-25T11:15:00.000+0000");
  EXPECT_THAT(Error(), HasSubstr("person_likes_post_0_0.csv:4: not a number: 'x'"));
}

TEST_F(LdbcReplayTest, RefusesATimeThatIsNone) {
  Append("person_likes_post_0_0.csv", "11|101|2010-02-30T11:15:00.000+0000");
  EXPECT_THAT(Error(), HasSubstr(":4: not a time: '2010-02-30T11:15:00.000+0000'"));
}

TEST_F(LdbcReplayTest, RefusesATruncatedLine) {
  Append("updateStream_0_0_forum.csv", "1290690180000|0|6|105|");
  EXPECT_THAT(Error(), HasSubstr("updateStream_0_0_forum.csv:10: 5 fields, at least 15"));
}

TEST_F(LdbcReplayTest, RefusesTextThatIsNotUtf8) {
  Append("comment_0_0.csv", "209|2010-11-25T11:40:00.000+0000|ip|b|\xff|1|13|1|101|");
  EXPECT_THAT(Error(), HasSubstr("comment_0_0.csv:4: not UTF-8"));
}

TEST_F(LdbcReplayTest, RefusesAThreadWithoutAPost) {
  Append("comment_0_0.csv", "209|2010-11-25T11:40:00.000+0000|ip|b|text|4|13|1||999");
  EXPECT_THAT(Error(), HasSubstr("comment 209 replies to 999, which leads to no post"));
}

TEST_F(LdbcReplayTest, RefusesUpdatesThatGoBackInTime) {
  Append("updateStream_0_0_forum.csv", "1290690179999|0|2|11|104|1290690179999");
  EXPECT_THAT(Error(), HasSubstr(":10: goes back in time"));
}

TEST_F(LdbcReplayTest, RefusesAnUnknownKindOfUpdate) {
  Append("updateStream_0_0_forum.csv", "1290690180000|0|9|11|104|1290690180000");
  EXPECT_THAT(Error(), HasSubstr(":10: no update kind: 9"));
}

}  // namespace
}  // namespace millrace::gen
