// Whole tables through cdc-normalise: those of a real connector, and random ones with what
// connectors do to them.
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/topology/normal_changes.h"
#include "topologies/cdc-normalise/cdc_normalise.h"
#include "unit/debezium/captures.h"

namespace millrace::topologies {
namespace {

using schemas::Comment;
using schemas::Follow;
using schemas::Like;
using schemas::LikeKey;
using schemas::Post;
using std::chrono::hours;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CdcCaptures : public ::testing::Test {
 protected:
  // The records of a file whose topics begin with `prefix`, at the time when they were written.
  void Pipe(const std::string& file, const std::string& prefix) {
    for (const std::string table : {"posts", "follows", "likes", "comments"}) {
      for (const auto& record : millrace::testing::ReadCaptures(file, prefix + table)) {
        driver_.PipeBytes("cdc." + table, record.key, record.value, record.timestamp);
      }
    }
  }
  template <class K, class Row, class IdOf>
  auto TableOfTopic(const Topic<K, Change<Row>>& topic, IdOf id_of) {
    std::map<decltype(id_of(Row())), Row> table;
    Fold(driver_.Drain(topic), id_of, &table);
    return table;
  }
  auto Posts() {
    return TableOfTopic(topics::kNormalPosts, [](const Post& row) { return row.id; });
  }
  auto Follows() {
    return TableOfTopic(topics::kNormalFollows,
                        [](const Follow& row) { return std::pair(row.follower, row.followee); });
  }
  auto Likes() {
    return TableOfTopic(topics::kNormalLikes,
                        [](const Like& row) { return std::pair(row.post, row.user); });
  }
  auto Comments() {
    return TableOfTopic(topics::kNormalComments, [](const Comment& row) { return row.id; });
  }
  template <class Table>
  static auto Keys(const Table& table) {
    std::vector<typename Table::key_type> keys;
    for (const auto& [key, row] : table) keys.push_back(key);
    return keys;
  }

  TopologyDriver driver_{BuildCdcNormalise().value(), {.partitions = 3, .start = kToday}};
};

TEST_F(CdcCaptures, ChangesOfARealConnectorLeadToItsTables) {
  Pipe("cdc", "cdc.");
  const auto posts = Posts();
  EXPECT_THAT(Keys(posts), ElementsAre(1, 4, 200));  // the key of 200 was 2
  EXPECT_EQ(posts.at(1).author, 10);
  EXPECT_EQ(posts.at(1).body.value(), "first post");
  EXPECT_EQ(posts.at(200).visibility, schemas::Visibility::kFollowers);
  EXPECT_THAT(Keys(Follows()),
              ElementsAre(std::pair(11, 10), std::pair(12, 10), std::pair(13, 10)));
  const auto likes = Likes();
  EXPECT_THAT(Keys(likes), ElementsAre(std::pair(1, 12)));
  EXPECT_EQ(likes.begin()->second.reaction, "like");
  EXPECT_THAT(Comments(), SizeIs(1));
}

TEST_F(CdcCaptures, TheSameChangesAgainChangeNothing) {
  Pipe("cdc", "cdc.");
  const size_t posts = driver_.Drain(topics::kNormalPosts).size();
  EXPECT_GT(posts, 6);
  for (const char* topic : {"follows.n", "likes.n", "comments.n"}) driver_.DrainBytes(topic);
  Pipe("cdc", "cdc.");
  for (const char* topic : {"posts.n", "follows.n", "likes.n", "comments.n"}) {
    EXPECT_THAT(driver_.DrainBytes(topic), IsEmpty()) << topic;
  }
}

TEST_F(CdcCaptures, EnvelopesWithSchemasAreRead) {
  for (const std::string table : {"posts", "likes"}) {
    for (const auto& record : millrace::testing::ReadCaptures("cdc-schemas", "cdcs." + table)) {
      driver_.PipeBytes("cdc." + table, record.key, record.value, record.timestamp);
    }
  }
  EXPECT_THAT(Keys(Posts()), ElementsAre(3));
  EXPECT_THAT(Likes(), SizeIs(1));
}

TEST_F(CdcCaptures, FlatRowsLeadToTheSameTables) {
  Pipe("cdc-flat", "cdcf.");
  EXPECT_THAT(Keys(Posts()), ElementsAre(1, 4, 200));
  EXPECT_THAT(Follows(), SizeIs(3));
  EXPECT_THAT(Likes(), SizeIs(1));
  EXPECT_THAT(Comments(), SizeIs(1));
}

// Random likes and unlikes. Every row's changes come in their order, but a connector that starts
// again writes the last ones again, and a snapshot repeats rows that the stream has told.
class CdcRandomTable : public ::testing::TestWithParam<uint32_t> {
 protected:
  using Table = std::map<std::pair<int64_t, int64_t>, Like>;
  struct Written {
    LikeKey key;
    std::optional<Change<Like>> value;
  };

  void ChangeARow() {
    const LikeKey key{Below(4), Below(3)};
    const auto row = table_.find({key.post, key.user});
    const Timestamp now = Today(seconds(++lsn_));
    if (row == table_.end()) {
      const Like like{key.post, key.user, Below(2) == 0 ? "like" : "wow", now};
      table_[{key.post, key.user}] = like;
      return Write({key, Versioned(Op::kCreate, like, lsn_, now)});
    }
    if (Below(2) == 0) {
      row->second.reaction += "!";
      return Write({key, Versioned(Op::kUpdate, row->second, lsn_, now)});
    }
    table_.erase(row);
    Write({key, Versioned(Op::kDelete, Like{key.post, key.user, "", Ms(0)}, lsn_, now)});
    Write({key, std::nullopt});
  }
  void WriteTheLastAgain() {
    const size_t count = std::min<size_t>(written_.size(), static_cast<size_t>(Below(30)));
    const std::vector<Written> last(written_.end() - static_cast<ptrdiff_t>(count), written_.end());
    for (const Written& record : last) Pipe(record);
  }
  void TakeASnapshot() {
    for (const auto& [key, row] : table_) {
      Pipe({LikeKey{key.first, key.second},
            Versioned(Op::kSnapshot, row, lsn_, Today(seconds(lsn_)))});
    }
  }
  void Write(const Written& record) {
    written_.push_back(record);
    Pipe(record);
  }
  void Pipe(const Written& record) {
    driver_.Pipe(topics::kLikes, record.key, record.value, Today(seconds(lsn_)));
  }
  int64_t Below(uint32_t n) { return random_() % n; }

  TopologyDriver driver_{BuildCdcNormalise().value(), {.partitions = 3, .start = kToday}};
  std::mt19937 random_{GetParam()};
  Table table_;
  std::vector<Written> written_;
  int64_t lsn_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Seeds, CdcRandomTable, ::testing::Values(1, 2, 3));

TEST_P(CdcRandomTable, IsWhatTheNormalChangesLeadTo) {
  SCOPED_TRACE(::testing::Message() << "seed " << GetParam());
  for (int step = 0; step < 400; ++step) {
    ChangeARow();
    if (Below(20) == 0) WriteTheLastAgain();
    if (Below(40) == 0) TakeASnapshot();
    if (step == 200) driver_.CrashAndLoseState();
  }
  Table folded;
  Fold(
      driver_.Drain(topics::kNormalLikes),
      [](const Like& row) { return std::pair(row.post, row.user); }, &folded);
  EXPECT_EQ(folded, table_);
  EXPECT_FALSE(table_.empty());
}

}  // namespace
}  // namespace millrace::topologies
