#include "topologies/hot-posts/score.h"

#include <cmath>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::topologies::hot {
namespace {

using schemas::HotPost;
using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::Field;

TEST(HotScore, HasTheGoldenValueOfItsSpecification) {
  const Engagement engagement{.likes = 40, .comments = 10, .shares = 5, .impressions = 500};
  EXPECT_NEAR(Score(engagement, minutes(30)), 0.3412736043, 5e-11);
  EXPECT_EQ(Rounded(Score(engagement, minutes(30))), 0.341273604);
}

TEST(HotScore, CountsWithoutImpressionsAsIfThereWereOne) {
  EXPECT_EQ(Score({.likes = 3}, hours(1)), Score({.likes = 3, .impressions = 1}, hours(1)));
  EXPECT_NEAR(Score({.likes = 1, .comments = 2}, hours(10)),
              0.40 * std::log1p(5.0) + 0.30 * std::exp(-1.0), 1e-15);
}

TEST(HotScore, OfAPostFromTheFutureIsThatOfANewOne) {
  EXPECT_EQ(Score({.likes = 3}, -minutes(5)), Score({.likes = 3}, minutes(0)));
}

TEST(HotScore, IsComparedToNineDecimals) {
  EXPECT_EQ(Rounded(0.1234567894), 0.123456789);
  EXPECT_EQ(Rounded(0.1234567896), 0.123456790);
}

TEST(KeepHottest, PutsTheGreaterScoreFirstAndOfEqualOnesTheSmallerId) {
  std::vector<HotPost> posts = {{.post = 9, .score = 0.5},
                                {.post = 3, .score = 0.25},
                                {.post = 4, .score = 0.5},
                                {.post = 1, .score = 0.75}};
  KeepHottest(&posts);
  EXPECT_THAT(posts, ElementsAre(Field(&HotPost::post, 1), Field(&HotPost::post, 4),
                                 Field(&HotPost::post, 9), Field(&HotPost::post, 3)));
}

TEST(KeepHottest, KeepsTwoHundred) {
  std::vector<HotPost> posts;
  for (int64_t post = 0; post < 1000; ++post) {
    posts.push_back({.post = post, .score = static_cast<double>(post % 500)});
  }
  KeepHottest(&posts);
  ASSERT_EQ(posts.size(), kBoardSize);
  EXPECT_EQ(posts.front().post, 499);
  EXPECT_EQ(posts.back().post, 900);
}

}  // namespace
}  // namespace millrace::topologies::hot
