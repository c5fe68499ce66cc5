// Shares, impressions, the board of the day, and what others read of hot-posts.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/topology/boards_of.h"
#include "tests/topology/engine_run.h"
#include "tests/topology/normal_changes.h"
#include "topologies/hot-posts/hot_posts.h"
#include "topologies/hot-posts/queries.h"

namespace millrace::topologies {
namespace {

using schemas::ClientEvent;
using schemas::ClientEventType;
using schemas::Comment;
using schemas::HotPost;
using schemas::Like;
using schemas::Post;
using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Timestamp kNoon = Today(hours(12));
constexpr Timestamp AtNoon(Duration after) { return kNoon + after; }

ClientEvent EventOf(const std::string& id, ClientEventType type, int64_t post, Timestamp at) {
  return {.id = id, .type = type, .user = 5, .post = post, .at = at};
}

class HotEvents : public testing::TestWithParam<int> {
 protected:
  void AddPost(int64_t id, Timestamp at) {
    db_.Put(Post{.id = id, .author = 1, .created_at = at}, at);
  }
  void AddLike(int64_t post, int64_t user, Timestamp at) {
    db_.Put(Like{.post = post, .user = user, .created_at = at}, at);
  }
  // Of clients that report under any key.
  void Report(const ClientEvent& event, Timestamp at) {
    driver_.Pipe(topics::kEvents, std::to_string(++reports_), event, at);
  }
  void Report(const std::string& id, ClientEventType type, int64_t post, Timestamp at) {
    Report(EventOf(id, type, post, at), at);
  }
  void PassTime(Timestamp at) { AddPost(--quiet_post_, at); }

  TopologyDriver driver_{BuildHotPosts().value(), {.partitions = GetParam()}};
  SocialDatabase db_{&driver_};
  BoardReader boards_{&driver_};
  BoardReader day_boards_{&driver_, topics::kHotPostsOfDay};
  int64_t quiet_post_ = 0;
  int reports_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Partitions, HotEvents, testing::Values(1, 4),
                         testing::PrintToStringParamName());

// Contradictions 3 (shares and impressions come from `events`) and 5 (no affinity in the score).
TEST_P(HotEvents, TheGoldenPostHasItsScore) {
  const Timestamp at = AtNoon(-minutes(30));
  AddPost(7, at);
  for (int i = 0; i < 40; ++i) AddLike(7, i, at);
  for (int i = 0; i < 10; ++i) {
    db_.Put(Comment{.id = "c" + std::to_string(i), .post = 7, .author = i, .created_at = at}, at);
  }
  for (int i = 0; i < 5; ++i) Report("s" + std::to_string(i), ClientEventType::kShare, 7, at);
  for (int i = 0; i < 500; ++i) {
    Report("i" + std::to_string(i), ClientEventType::kImpression, 7, at);
  }
  Report("v", ClientEventType::kView, 7, at);
  PassTime(kNoon);
  const auto posts = boards_.Last().posts;
  ASSERT_THAT(posts, SizeIs(1));
  EXPECT_EQ(posts[0], (HotPost{.post = 7,
                               .score = 0.341273604,
                               .likes = 40,
                               .comments = 10,
                               .shares = 5,
                               .impressions = 500}));
}

TEST_P(HotEvents, AnEventCountsOnceHoweverOftenItIsReported) {
  AddPost(7, AtNoon(-minutes(50)));
  for (int times = 0; times < 3; ++times) {
    Report("s1", ClientEventType::kShare, 7, AtNoon(-minutes(20)));
  }
  Report("s2", ClientEventType::kShare, 7, AtNoon(-minutes(20)));
  PassTime(kNoon);
  const auto posts = boards_.Last().posts;
  ASSERT_THAT(posts, SizeIs(1));
  EXPECT_EQ(posts[0].shares, 2);
}

TEST_P(HotEvents, ImpressionsAloneMakeNoPostHot) {
  AddPost(7, AtNoon(-minutes(50)));
  Report("i1", ClientEventType::kImpression, 7, AtNoon(-minutes(20)));
  PassTime(kNoon);
  EXPECT_THAT(boards_.LastPosts(), IsEmpty());
}

// Contradiction 4: the board of the hour slides by minutes, that of the day by hours.
TEST_P(HotEvents, TheBoardOfTheDayCountsTwentyFourHoursAtEveryHour) {
  AddPost(7, AtNoon(-hours(30)));
  AddLike(7, 1, AtNoon(-hours(24) - Duration(1)));
  AddLike(7, 2, AtNoon(-hours(24)));
  AddLike(7, 3, AtNoon(-hours(3)));
  db_.Remove(schemas::LikeKey{7, 3}, AtNoon(-hours(2)));
  AddLike(7, 4, AtNoon(-Duration(1)));
  AddLike(7, 5, kNoon);
  PassTime(AtNoon(minutes(59)));
  schemas::HotBoard board = day_boards_.Last();
  EXPECT_EQ(board.time, kNoon);
  ASSERT_THAT(board.posts, SizeIs(1));
  EXPECT_EQ(board.posts[0].likes, 2);
  PassTime(AtNoon(minutes(60)));
  board = day_boards_.Last();
  EXPECT_EQ(board.time, AtNoon(minutes(60)));
  EXPECT_EQ(board.posts[0].likes, 2);
}

TEST_P(HotEvents, TheCacheHasTheLastBoardAlsoWhenItBecomesEmpty) {
  AddPost(7, AtNoon(-minutes(50)));
  AddLike(7, 1, AtNoon(-minutes(40)));
  PassTime(kNoon);
  boards_.Settle();
  auto entries = driver_.Drain(topics::kCache);
  ASSERT_FALSE(entries.empty());
  EXPECT_EQ(entries.back().key, "hot:posts:1h");
  EXPECT_EQ(entries.back().value->ttl_ms, 120'000);
  EXPECT_EQ(entries.back().value->written_at, kNoon);
  EXPECT_THAT(
      entries.back().value->value,
      testing::AllOf(testing::HasSubstr("[{\"post_id\":7,\"score\":"),
                     testing::HasSubstr("\"likes\":1,"), testing::HasSubstr("\"rank\":1}]")));
  PassTime(AtNoon(minutes(30)));
  boards_.Settle();
  entries = driver_.Drain(topics::kCache);
  ASSERT_FALSE(entries.empty());
  EXPECT_EQ(entries.back().value->value, "[]");
}

TEST_P(HotEvents, APostOfAnErasedUserLeavesTheBoard) {
  db_.Put(Post{.id = 7, .author = 9, .created_at = AtNoon(-minutes(50))}, AtNoon(-minutes(50)));
  db_.Put(Post{.id = 8, .author = 2, .created_at = AtNoon(-minutes(50))}, AtNoon(-minutes(50)));
  AddLike(7, 2, AtNoon(-minutes(40)));
  AddLike(8, 3, AtNoon(-minutes(40)));
  AddLike(8, 9, AtNoon(-minutes(40)));
  driver_.Pipe(topics::kUserErased, schemas::UserId{9},
               schemas::UserErased{9, "r", AtNoon(-minutes(10))}, AtNoon(-minutes(10)));
  PassTime(kNoon);
  const auto posts = boards_.Last().posts;
  ASSERT_THAT(posts, SizeIs(1));
  EXPECT_EQ(posts[0].post, 8);
  EXPECT_EQ(posts[0].likes, 1);
}

TEST_P(HotEvents, EventsThatCannotBeAreDeadLetters) {
  ClientEvent nowhere = EventOf("a", ClientEventType::kShare, 7, kNoon);
  nowhere.post.reset();
  Report(nowhere, kNoon);
  Report(EventOf("b", ClientEventType::kShare, 7, AtNoon(hours(25))), kNoon);
  driver_.PipeBytes("events", "k", "no event", kNoon);
  EXPECT_THAT(DeadLetterClasses(&driver_, "events"),
              testing::UnorderedElementsAre("SCHEMA", "RANGE", "DESERIALIZE"));
}

TEST(HotQueries, GetHotIsTheLastBoard) {
  EngineRun run(BuildHotPosts().value());
  EXPECT_EQ(GetHot(run.engine(), HotWindow::kHour, 10).value(), schemas::HotBoard());
  const auto put = [&run](int64_t id, Timestamp at, int32_t partition) {
    const Post post{.id = id, .author = 1, .created_at = at};
    run.Put(topics::kPosts, schemas::PostKey{id},
            std::optional(Versioned(Op::kCreate, post, id, at)), at, PartitionId(partition));
  };
  put(7, AtNoon(-minutes(50)), 0);
  put(8, AtNoon(-minutes(50)), 0);
  for (const int64_t user : {1, 2, 3}) {
    const Like like{user == 3 ? 8 : 7, user, "like", AtNoon(-minutes(40))};
    run.Put(topics::kLikes, schemas::LikeKey{like.post, user},
            std::optional(Versioned(Op::kCreate, like, user, like.created_at)), like.created_at,
            PartitionId(0));
  }
  run.Settle();
  for (int32_t partition = 0; partition < EngineRun::kPartitions; ++partition) {
    put(20 + partition, kNoon, partition);
  }
  run.Settle();
  const schemas::HotBoard board = GetHot(run.engine(), HotWindow::kHour, 1).value();
  EXPECT_EQ(board.time, kNoon);
  ASSERT_THAT(board.posts, SizeIs(1));
  EXPECT_EQ(board.posts[0].post, 7);
}

}  // namespace
}  // namespace millrace::topologies
