// Hourly metrics of posts, and the engagement that rankings use.
#include "topologies/post-metrics/post_metrics.h"

#include <cmath>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/topology/engine_run.h"
#include "tests/topology/normal_changes.h"
#include "tests/topology/normal_topics.h"
#include "tests/topology/readme_picture.h"
#include "topologies/post-metrics/queries.h"

namespace millrace::topologies {
namespace {

using schemas::ClientEvent;
using schemas::ClientEventType;
using schemas::Comment;
using schemas::CommentKey;
using schemas::Like;
using schemas::LikeKey;
using schemas::Post;
using schemas::PostEngagement;
using schemas::PostHour;
using schemas::PostId;
using schemas::PostKey;
using schemas::PostMetrics;
using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Timestamp kNoon = Today(hours(12));
constexpr Timestamp AtNoon(Duration after) { return kNoon + after; }

TEST(PostMetricsTopology, ReadmeShowsThePictureOfToday) {
  EXPECT_EQ(PictureInReadme("post-metrics"), BuildPostMetrics().value().Describe());
}

class PostMetricsTest : public testing::Test {
 protected:
  explicit PostMetricsTest(PostMetricsOptions options = {})
      : driver_(BuildPostMetrics(options).value(), {.partitions = 4, .start = kToday}) {}

  void AddLike(int64_t post, int64_t user, Timestamp at, Op op = Op::kCreate) {
    db_.Put(Like{post, user, "like", at}, at, op);
  }
  void AddComment(const std::string& id, int64_t post, int64_t user, Timestamp at) {
    db_.Put(Comment{.id = id, .post = post, .author = user, .created_at = at}, at);
  }
  void Report(const std::string& id, ClientEventType type, int64_t post, int64_t user,
              Timestamp at) {
    const ClientEvent event{.id = id, .type = type, .user = user, .post = post, .at = at};
    driver_.Pipe(topics::kEvents, "any" + id, event, at);
  }
  // Moves the time of all partitions.
  void PassTime(Timestamp at) {
    for (int64_t post = 1000; post < 1020; ++post) AddLike(post, ++nobody_, at);
  }
  // The row of an hour as the topic says it: likes, comments, shares, impressions.
  std::vector<int64_t> Row(int64_t post, Timestamp hour) {
    for (const auto& record : driver_.Drain(topics::kPostMetrics)) {
      EXPECT_EQ(record.partition, PartitionOf(PostId{record.key->post}, 4));
      rows_[{record.key->post, record.key->hour}] = record.value;
    }
    const auto& row = rows_[{post, hour}];
    if (!row.has_value()) return {};
    return {row->likes, row->comments, row->shares, row->impressions};
  }
  std::vector<PostEngagement> Told(int64_t post) {
    std::vector<PostEngagement> told;
    for (const auto& record : driver_.Drain(topics::kPostEngagement)) {
      if (record.key == PostId{post} && record.value.has_value()) told.push_back(*record.value);
    }
    return told;
  }

  TopologyDriver driver_;
  NormalDatabase db_{&driver_};
  std::map<std::pair<int64_t, Timestamp>, std::optional<PostMetrics>> rows_;
  int64_t nobody_ = 1'000'000;
};

// Contradiction 3: shares and impressions come from `events`. 4: hours are those of the clock.
TEST_F(PostMetricsTest, EveryReactionCountsInTheClockHourOfItsTime) {
  AddLike(7, 1, kNoon);
  AddLike(7, 2, AtNoon(minutes(59)));
  AddLike(7, 3, AtNoon(minutes(60)));
  AddComment("a", 7, 1, AtNoon(minutes(1)));
  Report("s", ClientEventType::kShare, 7, 1, AtNoon(minutes(2)));
  Report("i", ClientEventType::kImpression, 7, 1, AtNoon(minutes(3)));
  Report("v", ClientEventType::kView, 7, 1, AtNoon(minutes(3)));
  EXPECT_THAT(Row(7, kNoon), ElementsAre(2, 1, 1, 1));
  EXPECT_THAT(Row(7, AtNoon(hours(1))), ElementsAre(1, 0, 0, 0));
}

TEST_F(PostMetricsTest, WhatIsTakenBackIsTakenFromItsOwnHour) {
  AddLike(7, 1, kNoon);
  AddLike(7, 2, kNoon);
  AddComment("a", 7, 1, kNoon);
  db_.Remove(LikeKey{7, 1}, AtNoon(hours(100)));
  db_.Remove(CommentKey{"a"}, AtNoon(hours(100)));
  EXPECT_THAT(Row(7, kNoon), ElementsAre(1, 0, 0, 0));
  EXPECT_THAT(Row(7, AtNoon(hours(100))), IsEmpty());
  db_.Remove(LikeKey{7, 2}, AtNoon(hours(101)));
  EXPECT_THAT(Row(7, kNoon), IsEmpty());  // a tombstone
}

TEST_F(PostMetricsTest, AnEventCountsOnce) {
  for (int times = 0; times < 3; ++times) {
    Report("s", ClientEventType::kShare, 7, 1, kNoon);
    Report("i", ClientEventType::kImpression, 7, 1, kNoon);
  }
  EXPECT_THAT(Row(7, kNoon), ElementsAre(0, 0, 1, 1));
}

TEST_F(PostMetricsTest, AnHourTakesWhatIsRecordedUntilADayAfterItsEnd) {
  AddLike(7, 1, kNoon);
  db_.set_committed(AtNoon(hours(25) - Duration(1)));
  AddLike(7, 2, kNoon);
  EXPECT_THAT(Row(7, kNoon), ElementsAre(2, 0, 0, 0));
  db_.set_committed(AtNoon(hours(25)));
  AddLike(7, 3, AtNoon(minutes(1)));
  EXPECT_THAT(Row(7, kNoon), ElementsAre(2, 0, 0, 0));
  const auto late = driver_.Drain(topics::kLateReactions);
  ASSERT_THAT(late, SizeIs(1));
  EXPECT_EQ(late[0].key, PostId{7});
  EXPECT_EQ(late[0].value,
            (schemas::LateReaction{7, schemas::ReactionKind::kLike, AtNoon(minutes(1))}));
  EXPECT_EQ(CounterOf(&driver_, "late_dropped_total"), 1);
  EXPECT_THAT(DeadLetterClasses(&driver_, "likes.n"), IsEmpty());
}

// A backlog is read topic by topic and partition by partition, days apart.
TEST_F(PostMetricsTest, WhatWasRecordedInTimeIsNotLateWheneverItIsRead) {
  PassTime(AtNoon(hours(24 * 20)));
  db_.set_committed(AtNoon(minutes(1)));
  AddLike(7, 1, kNoon);
  AddComment("a", 7, 1, kNoon);
  db_.Remove(LikeKey{7, 1}, AtNoon(minutes(2)));
  EXPECT_THAT(Row(7, kNoon), ElementsAre(0, 1, 0, 0));
  EXPECT_THAT(driver_.Drain(topics::kLateReactions), IsEmpty());
}

TEST_F(PostMetricsTest, AnEventIsLateByTheTimeOfItsLog) {
  const ClientEvent event{
      .id = "s", .type = ClientEventType::kShare, .user = 1, .post = 7, .at = kNoon};
  driver_.Pipe(topics::kEvents, "key", event, AtNoon(hours(25)));
  EXPECT_THAT(Row(7, kNoon), IsEmpty());
  EXPECT_THAT(driver_.Drain(topics::kLateReactions), SizeIs(1));
  EXPECT_EQ(Told(7).back().shares, 1);
}

TEST_F(PostMetricsTest, TakingBackWhatCameTooLateTakesNothing) {
  AddLike(7, 1, kNoon);
  db_.set_committed(AtNoon(hours(30)));
  AddLike(7, 2, kNoon);
  AddComment("a", 7, 2, kNoon);
  driver_.CrashAndLoseState();
  db_.Remove(LikeKey{7, 2}, AtNoon(hours(31)));
  db_.Remove(CommentKey{"a"}, AtNoon(hours(31)));
  EXPECT_THAT(Row(7, kNoon), ElementsAre(1, 0, 0, 0));
  db_.Remove(LikeKey{7, 1}, AtNoon(hours(31)));
  EXPECT_THAT(Row(7, kNoon), IsEmpty());
}

TEST_F(PostMetricsTest, RowsOfASnapshotAreNotLate) {
  db_.set_committed(AtNoon(hours(100)));
  PassTime(AtNoon(hours(100)));
  AddLike(7, 1, kNoon, Op::kSnapshot);
  EXPECT_THAT(Row(7, kNoon), ElementsAre(1, 0, 0, 0));
  db_.Put(Like{7, 2, "like", kNoTimestamp}, AtNoon(hours(100)), Op::kSnapshot);
  EXPECT_THAT(Row(7, kNoon), ElementsAre(1, 0, 0, 0));
  EXPECT_EQ(Told(7).back().likes, 1);
  PassTime(AtNoon(hours(101)));
  EXPECT_EQ(Told(7).back().likes, 2);  // without a time it counts in no hour, but among all
}

TEST_F(PostMetricsTest, FiveCommentsAndFiveSharesOfAUserOnAPostCountInAnHour) {
  for (int i = 0; i < 8; ++i) {
    AddComment("c" + std::to_string(i), 7, 1, AtNoon(minutes(i)));
    Report("s" + std::to_string(i), ClientEventType::kShare, 7, 1, AtNoon(minutes(i)));
  }
  AddComment("of another", 7, 2, kNoon);
  AddComment("of the next hour", 7, 1, AtNoon(hours(1)));
  EXPECT_THAT(Row(7, kNoon), ElementsAre(0, 6, 5, 0));
  for (int i = 0; i < 3; ++i) db_.Remove(CommentKey{"c" + std::to_string(i)}, AtNoon(hours(2)));
  EXPECT_THAT(Row(7, kNoon), ElementsAre(0, 6, 5, 0));
  db_.Remove(CommentKey{"c3"}, AtNoon(hours(2)));
  EXPECT_THAT(Row(7, kNoon), ElementsAre(0, 5, 5, 0));
  PassTime(AtNoon(hours(50)));  // the limits of closed hours are forgotten
  db_.Remove(CommentKey{"c4"}, AtNoon(hours(50)));
  EXPECT_THAT(Row(7, kNoon), ElementsAre(0, 4, 5, 0));
}

TEST_F(PostMetricsTest, TheFirstTenReactionsAreToldOneAMinute) {
  for (int i = 0; i < 10; ++i) AddLike(7, i, AtNoon(minutes(i)));
  EXPECT_THAT(Told(7), SizeIs(10));
  for (int i = 10; i < 20; ++i) AddLike(7, i, AtNoon(minutes(20)));
  // Ten likes at once: the first has moved it by the quantum; the minute that follows has the rest.
  PassTime(AtNoon(minutes(21)));
  const auto told = Told(7);
  ASSERT_THAT(told, SizeIs(2));
  EXPECT_EQ(told[0].likes, 11);
  EXPECT_EQ(told[1].likes, 20);
  EXPECT_DOUBLE_EQ(told[1].e, std::log1p(20.0));
}

TEST_F(PostMetricsTest, MovesBelowTheQuantumAreNotTold) {
  for (int i = 0; i < 30; ++i) AddLike(7, i, AtNoon(minutes(i)));
  double last = Told(7).back().e;
  int times = 0;
  for (int likes = 31; likes <= 60; ++likes) {
    AddLike(7, likes, AtNoon(minutes(likes)));
    const double moved = std::log1p(likes) - last;
    const auto told = Told(7);
    EXPECT_EQ(!told.empty(), moved >= 0.05) << likes;
    if (told.empty()) continue;
    last = told.back().e;
    ++times;
  }
  EXPECT_GT(times, 5);
  EXPECT_LT(times, 20);
}

TEST_F(PostMetricsTest, AQuietNightTellsWhatWaits) {
  AddLike(7, 1, kNoon);
  AddLike(7, 2, kNoon);
  EXPECT_EQ(Told(7).back().likes, 1);
  driver_.AdvanceWallClock(minutes(1));
  EXPECT_EQ(Told(7).back().likes, 2);
}

TEST_F(PostMetricsTest, ADeletedPostHasNoEngagement) {
  db_.Put(Post{.id = 7, .author = 1, .created_at = kNoon}, kNoon);
  AddLike(7, 1, kNoon);
  driver_.Drain(topics::kPostEngagement);
  db_.Remove(PostKey{7}, AtNoon(hours(1)));
  const auto told = driver_.Drain(topics::kPostEngagement);
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].key, PostId{7});
  EXPECT_FALSE(told[0].value.has_value());
}

TEST_F(PostMetricsTest, EventsThatCannotBeAreDeadLetters) {
  driver_.Pipe(topics::kEvents, "a", ClientEvent{"a", ClientEventType::kShare, 1, {}, {}, kNoon},
               kNoon);
  driver_.Pipe(topics::kEvents, "b", ClientEvent{"b", ClientEventType::kShare, 1, 7, {}, kNoon},
               AtNoon(-hours(25)));
  EXPECT_THAT(DeadLetterClasses(&driver_, "events"),
              testing::UnorderedElementsAre("SCHEMA", "RANGE"));
}

class ExactPostMetrics : public PostMetricsTest {
 protected:
  ExactPostMetrics() : PostMetricsTest({.e_quantum = 0}) {}
};

TEST_F(ExactPostMetrics, TellEveryChangeAtOnce) {
  for (int i = 0; i < 30; ++i) AddLike(7, i, kNoon);
  Report("i1", ClientEventType::kImpression, 7, 1, kNoon);
  Report("i2", ClientEventType::kImpression, 7, 1, kNoon);
  const auto told = Told(7);
  ASSERT_THAT(told, SizeIs(32));
  EXPECT_DOUBLE_EQ(told.back().e, std::log1p(30.0 / 2));
}

class RobustPostMetrics : public PostMetricsTest {
 protected:
  RobustPostMetrics() : PostMetricsTest({.profile = EngagementProfile::kRobust}) {}
};

// Contradiction 2: no impressions count as one to the letter; with a prior, one share is no hit.
TEST_F(PostMetricsTest, OneShareWithoutImpressionsIsAHitToTheLetter) {
  Report("s", ClientEventType::kShare, 7, 1, kNoon);
  EXPECT_NEAR(Told(7).back().e, 1.3862943611, 1e-9);
}
TEST_F(RobustPostMetrics, OneShareWithoutImpressionsIsNoHit) {
  Report("s", ClientEventType::kShare, 7, 1, kNoon);
  EXPECT_NEAR(Told(7).back().e, std::log1p(5.0 / 100), 1e-9);
}

// Random reactions in random order within the grace, against plain counting.
class RandomReactions : public testing::TestWithParam<uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, RandomReactions, testing::Values(1, 2, 3));

TEST_P(RandomReactions, CountAsTheyStand) {
  SCOPED_TRACE(testing::Message() << "seed " << GetParam());
  std::mt19937 random(GetParam());
  const auto below = [&random](uint32_t n) { return static_cast<int64_t>(random() % n); };
  TopologyDriver driver(BuildPostMetrics().value(), {.partitions = 4, .start = kToday});
  NormalDatabase db(&driver);
  std::map<std::pair<int64_t, int64_t>, Timestamp> likes;
  for (int step = 0; step < 500; ++step) {
    const std::pair<int64_t, int64_t> key(below(5), below(10));
    const Timestamp now = Today(hours(20) + minutes(step));
    if (const auto like = likes.find(key); like != likes.end()) {
      db.Remove(LikeKey{key.first, key.second}, now);
      likes.erase(like);
    } else {
      const Timestamp at = now - minutes(below(20 * 60));
      db.Put(Like{key.first, key.second, "like", at}, at);
      likes[key] = at;
    }
    if (step == 250) driver.CrashAndLoseState();
  }
  std::map<std::pair<int64_t, Timestamp>, int64_t> expected;
  for (const auto& [key, at] : likes) {
    ++expected[{key.first, std::chrono::floor<hours>(at)}];
  }
  std::map<std::pair<int64_t, Timestamp>, int64_t> counted;
  for (const auto& record : driver.Drain(topics::kPostMetrics)) {
    const std::pair key(record.key->post, record.key->hour);
    if (record.value.has_value()) {
      counted[key] = record.value->likes;
    } else {
      counted.erase(key);
    }
  }
  EXPECT_EQ(counted, expected);
  EXPECT_FALSE(expected.empty());
}

TEST(PostMetricsQueries, ReadTheHoursAndTheEngagement) {
  EngineRun run(BuildPostMetrics().value());
  for (const int64_t user : {1, 2}) {
    const Change<Like> change{.op = Op::kCreate, .after = Like{7, user, "like", kNoon}};
    run.Put(topics::kNormalLikes, PostId{7}, std::optional(change), kNoon);
  }
  run.Settle();
  EXPECT_EQ(GetPostMetrics(run.engine(), {7, kNoon}).value(),
            (PostMetrics{.post = 7, .hour = kNoon, .likes = 2}));
  EXPECT_EQ(GetPostMetrics(run.engine(), {7, AtNoon(hours(1))}).value(),
            (PostMetrics{.post = 7, .hour = AtNoon(hours(1))}));
  EXPECT_EQ(GetPostEngagement(run.engine(), 7).value().likes, 2);
  EXPECT_EQ(GetPostEngagement(run.engine(), 8).value(), PostEngagement{.post = 8});
}

}  // namespace
}  // namespace millrace::topologies
