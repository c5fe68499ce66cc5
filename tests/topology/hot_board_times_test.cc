// When boards of hot-posts are made, and what they wait for.
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/topology/boards_of.h"
#include "tests/topology/social_changes.h"
#include "topologies/hot-posts/hot_posts.h"
#include "unit/debezium/captures.h"

namespace millrace::topologies {
namespace {

using schemas::Like;
using schemas::LikeKey;
using schemas::Post;
using schemas::PostKey;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr Timestamp kNoon = TimestampFromMillis(1'767'268'800'000);
constexpr Timestamp At(Duration after_noon) { return kNoon + after_noon; }

std::vector<Timestamp> Times(BoardReader* boards) {
  std::vector<Timestamp> times;
  for (const auto& [time, board] : boards->Read()) times.push_back(time);
  return times;
}

template <class T>
std::string Bytes(const T& value) {
  std::string bytes;
  Serde<T>::Encode(value, &bytes);
  return bytes;
}

TEST(HotBoardTimes, EveryMinuteThatEventTimeEntersHasABoardAtOnce) {
  TopologyDriver driver(BuildHotPosts().value());
  SocialDatabase db(&driver);
  BoardReader boards(&driver);
  for (const int second : {1, 30, 61, 59, 119, 120, 400, 410}) {
    db.Put(Post{.id = second, .created_at = At(seconds(second))}, At(seconds(second)));
  }
  // Of the minutes that were jumped over, none has a board of its own.
  EXPECT_THAT(Times(&boards), ElementsAre(kNoon, At(minutes(1)), At(minutes(2)), At(minutes(6))));
}

TEST(HotBoardTimes, TombstonesAndOldRowsDoNotMoveTime) {
  TopologyDriver driver(BuildHotPosts().value());
  SocialDatabase db(&driver);
  BoardReader boards(&driver);
  db.Put(Post{.id = 1, .created_at = kNoon}, kNoon);
  db.Remove(PostKey{1}, kNoon);
  driver.Pipe(topics::kPosts, PostKey{1}, std::nullopt, At(minutes(500)));
  db.Put(Post{.id = 2, .created_at = At(-minutes(5))}, At(minutes(400)), Op::kUpdate);
  db.Put(Post{.id = 3, .created_at = At(minutes(1))}, At(minutes(1)));
  EXPECT_THAT(Times(&boards), ElementsAre(kNoon, At(minutes(1))));
}

// With four partitions: writes of one of them, whatever their key.
class HotBoardSources : public ::testing::Test {
 protected:
  void AddPost(int32_t partition, int64_t id, Timestamp at) {
    driver_.PipeBytes("cdc.posts", Bytes(PostKey{id}),
                      Bytes(Upsert(Op::kCreate, Post{.id = id, .created_at = at}, at)), at,
                      Headers::Empty(), PartitionId(partition));
  }
  void AddLike(int32_t partition, int64_t post, int64_t user, Timestamp at) {
    const Like like{.post = post, .user = user, .created_at = at};
    driver_.PipeBytes("cdc.likes", Bytes(LikeKey{post, user}), Bytes(Upsert(Op::kCreate, like, at)),
                      at, Headers::Empty(), PartitionId(partition));
  }

  TopologyDriver driver_{BuildHotPosts().value(), {.partitions = 4}};
  BoardReader boards_{&driver_};
};

TEST_F(HotBoardSources, ABoardWaitsForThePartitionThatIsBehind) {
  for (int32_t partition = 0; partition < 4; ++partition) {
    AddPost(partition, 10 + partition, At(-minutes(50)));
  }
  for (int32_t partition = 0; partition < 3; ++partition) {
    AddPost(partition, 20 + partition, At(seconds(5)));
  }
  EXPECT_THAT(Times(&boards_), ElementsAre(At(-minutes(50))));
  AddLike(3, 10, 1, At(-minutes(20)));
  EXPECT_THAT(Times(&boards_), ElementsAre(At(-minutes(50)), At(-minutes(20))));
  AddLike(3, 11, 1, At(-seconds(1)));
  AddLike(3, 12, 1, At(seconds(1)));
  ASSERT_EQ(boards_.Read().rbegin()->first, kNoon);
  EXPECT_THAT(boards_.Read().rbegin()->second.posts, SizeIs(2));
}

TEST_F(HotBoardSources, AnIdlePartitionIsNotWaitedForUntilItSpeaksAgain) {
  AddPost(0, 10, At(-minutes(50)));
  AddPost(1, 11, At(-minutes(50)));
  EXPECT_THAT(Times(&boards_), IsEmpty());
  boards_.Settle();
  EXPECT_THAT(Times(&boards_), ElementsAre(At(-minutes(50))));

  AddPost(0, 12, kNoon);
  EXPECT_EQ(boards_.Read().rbegin()->first, kNoon);
  AddLike(1, 10, 1, At(-minutes(30)));
  AddPost(0, 13, At(minutes(1)));
  EXPECT_EQ(boards_.Read().rbegin()->first, kNoon);
  AddLike(1, 10, 2, At(minutes(1)));
  EXPECT_EQ(boards_.Read().rbegin()->first, At(minutes(1)));
  EXPECT_THAT(boards_.Read().rbegin()->second.posts, SizeIs(1));
}

TEST_F(HotBoardSources, ARestartDoesNotForgetHowFarASourceHadCome) {
  AddPost(0, 10, At(-minutes(50)));
  AddPost(0, 11, kNoon);
  for (int32_t partition = 1; partition < 4; ++partition) {
    AddPost(partition, 20 + partition, At(-minutes(50)));
  }
  EXPECT_THAT(Times(&boards_), ElementsAre(At(-minutes(50))));
  driver_.Restart();
  boards_.Settle();
  EXPECT_THAT(Times(&boards_), ElementsAre(At(-minutes(50)), kNoon));
}

TEST(HotPostsBadInput, MalformedChangesAreDeadLettersOfTheirTopics) {
  TopologyDriver driver(BuildHotPosts().value());
  const Headers headers{{"trace", "7"}};
  driver.PipeBytes("cdc.likes", "{\"post_id\":1,\"user_id\":2}", "{\"op\":", kNoon, headers);
  driver.PipeBytes("cdc.comments", "not json", std::nullopt, kNoon);
  driver.Pipe(topics::kPosts, std::nullopt, Change<Post>{.op = Op::kTruncate}, kNoon);
  driver.Pipe(topics::kPosts, std::nullopt, Change<Post>{.op = Op::kMessage}, kNoon);
  const auto likes = driver.DrainBytes("cdc.likes-dlq");
  ASSERT_THAT(likes, SizeIs(1));
  EXPECT_EQ(likes[0].key, "{\"post_id\":1,\"user_id\":2}");
  EXPECT_EQ(likes[0].value, "{\"op\":");
  ASSERT_NE(likes[0].headers.Last("trace"), nullptr);
  EXPECT_EQ(likes[0].headers.Last("trace")->value, "7");
  EXPECT_THAT(driver.DrainBytes("cdc.comments-dlq"), SizeIs(1));
  EXPECT_THAT(driver.DrainBytes("cdc.posts-dlq"), SizeIs(1));
  EXPECT_TRUE(driver.status().ok());
}

// Of the recorded posts 1, 4 and 200 are left; 2 and 3 were deleted.
TEST(HotPostsCaptures, RecordedChangesOfARealConnectorAreWhatTheBoardKnows) {
  TopologyDriver driver(BuildHotPosts().value(), {.partitions = 3});
  SocialDatabase db(&driver);
  BoardReader boards(&driver);
  for (const std::string topic : {"cdc.comments", "cdc.likes", "cdc.posts"}) {
    for (const auto& record : millrace::testing::ReadCaptures("cdc", topic)) {
      driver.PipeBytes(record.topic, record.key, record.value, record.timestamp);
    }
  }
  EXPECT_THAT(boards.LastPosts(), IsEmpty());  // their likes are of spring, their end of autumn
  const Timestamp later = boards.Read().rbegin()->first + minutes(5);
  for (const int64_t post : {1, 2, 3, 4, 200}) {
    db.Put(Like{.post = post, .user = 77, .created_at = later}, later);
  }
  db.Put(Like{.post = 1, .user = 12, .created_at = later}, later);  // has liked it in March
  db.Put(Like{.post = 1, .user = 11, .created_at = later}, later);  // has taken it back
  db.Put(Post{.id = 99, .created_at = later + minutes(1)}, later + minutes(1));
  const schemas::HotBoard board = boards.Last();
  ASSERT_THAT(board.posts, SizeIs(3));
  EXPECT_EQ(board.posts[0].post, 4);  // of today
  EXPECT_EQ(board.posts[0].likes, 1);
  EXPECT_EQ(board.posts[1].post, 1);  // of January
  EXPECT_EQ(board.posts[1].likes, 2);
  EXPECT_EQ(board.posts[2].post, 200);
  EXPECT_TRUE(driver.status().ok());
  EXPECT_THAT(driver.DrainBytes("cdc.likes-dlq"), IsEmpty());
}

}  // namespace
}  // namespace millrace::topologies
