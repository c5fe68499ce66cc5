#include "topologies/hot-posts/hot_posts.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/topology/boards_of.h"
#include "tests/topology/readme_picture.h"
#include "tests/topology/social_changes.h"
#include "topologies/hot-posts/score.h"

namespace millrace::topologies {
namespace {

using schemas::Comment;
using schemas::CommentKey;
using schemas::HotPost;
using schemas::Like;
using schemas::LikeKey;
using schemas::Post;
using schemas::PostKey;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

// A whole minute, and the minutes around it.
constexpr Timestamp kNoon = TimestampFromMillis(1'767'268'800'000);
constexpr Timestamp At(Duration after_noon) { return kNoon + after_noon; }

HotPost Entry(int64_t post, int64_t likes, int64_t comments, Duration age) {
  const hot::Engagement engagement{.likes = likes, .comments = comments};
  return {.post = post,
          .score = hot::Rounded(hot::Score(engagement, age)),
          .likes = likes,
          .comments = comments};
}

TEST(HotPostsTopology, ReadmeShowsThePictureOfToday) {
  EXPECT_EQ(PictureInReadme("hot-posts"), BuildHotPosts().value().Describe());
}

// Every rule with one and with four partitions of the outside topics.
class HotPosts : public testing::TestWithParam<int> {
 protected:
  void AddPost(int64_t id, Timestamp at) {
    db_.Put(Post{.id = id, .author = 1, .created_at = at}, at);
  }
  void AddLike(int64_t post, int64_t user, Timestamp at) {
    db_.Put(Like{.post = post, .user = user, .reaction = "like", .created_at = at}, at);
  }
  void AddComment(const std::string& id, int64_t post, Timestamp at) {
    db_.Put(Comment{.id = id, .post = post, .created_at = at}, at);
  }
  // Brings event time there without a reaction.
  void PassTime(Timestamp at) { AddPost(--quiet_post_, at); }

  TopologyDriver driver_{BuildHotPosts().value(), {.partitions = GetParam()}};
  SocialDatabase db_{&driver_};
  BoardReader boards_{&driver_};
  int64_t quiet_post_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Partitions, HotPosts, testing::Values(1, 4),
                         testing::PrintToStringParamName());

TEST_P(HotPosts, ABoardCountsTheLikesAndCommentsOfTheHourBeforeIt) {
  AddPost(7, At(-minutes(90)));
  AddPost(8, At(-minutes(30)));
  AddLike(7, 1, At(-minutes(20)));
  AddLike(7, 2, At(-minutes(10)));
  AddComment("a", 8, At(-minutes(5)));
  AddLike(8, 1, At(-minutes(1)));
  PassTime(kNoon);
  const schemas::HotBoard board = boards_.Last();
  EXPECT_EQ(board.time, kNoon);
  EXPECT_THAT(board.posts, ElementsAre(Entry(8, 1, 1, minutes(30)), Entry(7, 2, 0, minutes(90))));
}

TEST_P(HotPosts, TheHourBeginsSixtyMinutesBeforeTheBoardAndEndsJustBeforeIt) {
  AddPost(7, At(-minutes(90)));
  AddLike(7, 1, At(-minutes(60) - Duration(1)));
  AddLike(7, 2, At(-minutes(60)));
  AddLike(7, 3, At(-Duration(1)));
  AddLike(7, 4, kNoon);
  const schemas::HotBoard board = boards_.Last();
  EXPECT_EQ(board.time, kNoon);
  EXPECT_THAT(board.posts, ElementsAre(Entry(7, 2, 0, minutes(90))));
  PassTime(At(minutes(1)));
  EXPECT_THAT(boards_.Last().posts, ElementsAre(Entry(7, 2, 0, minutes(91))));
}

TEST_P(HotPosts, AUserLikesAPostOnce) {
  AddPost(7, At(-minutes(50)));
  AddLike(7, 1, At(-minutes(40)));
  AddLike(7, 1, At(-minutes(40)));
  AddLike(7, 1, At(-minutes(20)));
  db_.Put(Like{.post = 7, .user = 1, .reaction = "wow", .created_at = At(-minutes(40))},
          At(-minutes(10)), Op::kUpdate);
  PassTime(kNoon);
  EXPECT_THAT(boards_.Last().posts, ElementsAre(Entry(7, 1, 0, minutes(50))));
  // It stays in the minute in which it first came: thirty minutes later it is too old.
  PassTime(At(minutes(30)));
  EXPECT_THAT(boards_.Last().posts, IsEmpty());
}

TEST_P(HotPosts, AnUnlikeTakesTheLikeOutOfItsOwnMinute) {
  AddPost(7, At(-minutes(50)));
  AddLike(7, 1, At(-minutes(40)));
  AddLike(7, 2, At(-minutes(20)));
  db_.Remove(LikeKey{7, 1}, At(-minutes(10)));
  db_.Remove(LikeKey{7, 3}, At(-minutes(10)));
  PassTime(kNoon);
  EXPECT_THAT(boards_.Last().posts, ElementsAre(Entry(7, 1, 0, minutes(50))));
  AddLike(7, 1, At(minutes(1)));
  PassTime(At(minutes(30)));
  EXPECT_THAT(boards_.Last().posts, ElementsAre(Entry(7, 2, 0, minutes(80))));
}

TEST_P(HotPosts, WhatGoesAtTheTimeOfABoardGoesFromTheNextOne) {
  AddPost(7, At(-minutes(50)));
  AddPost(8, At(-minutes(50)));
  AddLike(7, 1, At(-minutes(40)));
  AddLike(8, 1, At(-minutes(40)));
  db_.Remove(LikeKey{7, 1}, kNoon);
  db_.Remove(PostKey{8}, At(seconds(30)));
  EXPECT_THAT(boards_.LastPosts(), ElementsAre(7, 8));
  PassTime(At(minutes(1)));
  EXPECT_THAT(boards_.LastPosts(), IsEmpty());
}

TEST_P(HotPosts, ADeletedCommentLeavesThoughItsDeletionNamesNoPost) {
  AddPost(7, At(-minutes(50)));
  AddComment("a", 7, At(-minutes(40)));
  AddComment("b", 7, At(-minutes(30)));
  AddComment("c", 7, At(-minutes(20)));
  db_.Remove(CommentKey{"a"}, At(-minutes(10)));
  db_.Put(Comment{.id = "b", .post = 7, .deleted = true, .created_at = At(-minutes(30))},
          At(-minutes(9)), Op::kUpdate);
  PassTime(kNoon);
  EXPECT_THAT(boards_.Last().posts, ElementsAre(Entry(7, 0, 1, minutes(50))));
}

TEST_P(HotPosts, OnlyPostsThatExistAndAreNotPrivateAreOnTheBoard) {
  AddPost(7, At(-minutes(50)));
  AddPost(8, At(-minutes(50)));
  AddPost(9, At(-minutes(50)));
  for (const int64_t post : {7, 8, 9, 10}) AddLike(post, 1, At(-minutes(40)));
  db_.Remove(PostKey{7}, At(-minutes(30)));
  db_.Put(
      Post{.id = 8, .visibility = schemas::Visibility::kPrivate, .created_at = At(-minutes(50))},
      At(-minutes(20)), Op::kUpdate);
  PassTime(kNoon);
  EXPECT_THAT(boards_.LastPosts(), ElementsAre(9));
  // Its post was not known yet; now it is.
  AddPost(10, At(minutes(1)));
  AddLike(8, 2, At(minutes(1)));
  db_.Put(Post{.id = 8, .created_at = At(-minutes(50))}, At(minutes(2)), Op::kUpdate);
  PassTime(At(minutes(3)));
  EXPECT_THAT(boards_.LastPosts(), testing::UnorderedElementsAre(8, 9, 10));
}

TEST_P(HotPosts, EqualScoresAreInTheOrderOfTheIds) {
  for (const int64_t post : {30, 4, 500}) AddPost(post, At(-minutes(50)));
  for (const int64_t post : {500, 30, 4}) AddLike(post, 1, At(-minutes(40)));
  PassTime(kNoon);
  EXPECT_THAT(boards_.LastPosts(), ElementsAre(4, 30, 500));
}

TEST_P(HotPosts, TheBoardHasTheBestTwoHundredOfAllPartitions) {
  for (int64_t post = 1; post <= 250; ++post) AddPost(post, At(-minutes(50)));
  for (int64_t post = 1; post <= 250; ++post) {
    AddLike(post, 1, At(-minutes(40)));
    if (post > 100) AddLike(post, 2, At(-minutes(30)));
  }
  PassTime(kNoon);
  const std::vector<int64_t> posts = boards_.LastPosts();
  ASSERT_EQ(posts.size(), 200);
  for (size_t i = 0; i < 150; ++i) EXPECT_EQ(posts[i], 101 + static_cast<int64_t>(i));
  for (size_t i = 150; i < 200; ++i) EXPECT_EQ(posts[i], static_cast<int64_t>(i) - 149);
}

TEST_P(HotPosts, ALateLikeCountsFromTheNextBoardOn) {
  AddPost(7, At(-minutes(50)));
  PassTime(kNoon);
  EXPECT_THAT(boards_.LastPosts(), IsEmpty());
  AddLike(7, 1, At(-minutes(30)));
  PassTime(At(minutes(1)));
  EXPECT_THAT(boards_.Last().posts, ElementsAre(Entry(7, 1, 0, minutes(51))));
  PassTime(At(minutes(30)));
  EXPECT_THAT(boards_.LastPosts(), ElementsAre(7));
  PassTime(At(minutes(31)));
  EXPECT_THAT(boards_.LastPosts(), IsEmpty());
}

// It counts at its own time, and that is not yet.
TEST_P(HotPosts, AClientWhoseClockIsAheadDoesNotEndTheHour) {
  AddPost(7, At(-minutes(50)));
  db_.Put(Like{.post = 7, .user = 1, .created_at = At(minutes(4))}, kNoon);
  EXPECT_EQ(boards_.Last().time, kNoon);
  AddLike(7, 2, At(minutes(1)));
  PassTime(At(minutes(3)));
  const schemas::HotBoard board = boards_.Last();
  EXPECT_EQ(board.time, At(minutes(3)));
  EXPECT_THAT(board.posts, ElementsAre(Entry(7, 1, 0, minutes(53))));
  PassTime(At(minutes(5)));
  EXPECT_THAT(boards_.Last().posts, ElementsAre(Entry(7, 2, 0, minutes(55))));
}

TEST_P(HotPosts, StateComesBackFromTheChangelogs) {
  AddPost(7, At(-minutes(50)));
  AddLike(7, 1, At(-minutes(40)));
  AddLike(7, 2, At(-minutes(30)));
  PassTime(kNoon);
  EXPECT_EQ(boards_.Last().time, kNoon);
  driver_.CrashAndLoseState();
  AddLike(7, 1, At(-minutes(40)));
  db_.Remove(LikeKey{7, 2}, At(seconds(30)));
  AddLike(7, 3, At(seconds(40)));
  PassTime(At(minutes(1)));
  EXPECT_THAT(boards_.Last().posts, ElementsAre(Entry(7, 2, 0, minutes(51))));
}

}  // namespace
}  // namespace millrace::topologies
