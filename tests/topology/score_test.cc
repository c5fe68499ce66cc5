// The score of domain rule "raw = 0.30 F + 0.40 E + 0.30 A", and the functions that it is made of.
#include "topologies/common/ranking/score.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>

#include <gtest/gtest.h>

#include "topologies/common/ranking/exact_math.h"

namespace millrace::topologies {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr uint64_t kSeed = 20260101;

TEST(ExactMath, ExpIsThatOfTheMathLibraryToTwelveDigits) {
  SCOPED_TRACE(kSeed);
  std::mt19937_64 random(kSeed);
  std::uniform_real_distribution<double> wide(-700, 700);
  std::uniform_real_distribution<double> near(-1, 1);
  for (int i = 0; i < 200'000; ++i) {
    const double x = i % 2 == 0 ? wide(random) : near(random);
    ASSERT_NEAR(ExactExp(x) / std::exp(x), 1, 1e-12) << x;
  }
  EXPECT_EQ(ExactExp(0), 1);
  EXPECT_EQ(ExactExp(-1e9), 0);
}

TEST(ExactMath, LogsAreThoseOfTheMathLibraryToTwelveDigits) {
  SCOPED_TRACE(kSeed);
  std::mt19937_64 random(kSeed);
  std::uniform_real_distribution<double> exponent(-18, 18);
  for (int i = 0; i < 200'000; ++i) {
    const double x = std::pow(10, exponent(random));
    ASSERT_NEAR(ExactLog(x), std::log(x), 1e-12 * std::max(1.0, std::abs(std::log(x)))) << x;
    ASSERT_NEAR(ExactLog1p(x) / std::log1p(x), 1, 1e-12) << x;
  }
  EXPECT_EQ(ExactLog(1), 0);
  EXPECT_EQ(ExactLog1p(0), 0);
  EXPECT_NEAR(ExactLog1p(-0.5), std::log(0.5), 1e-15);
}

// Bits that were written down once: another machine, compiler or library must find the same.
TEST(ExactMath, HasTheSameBitsEverywhere) {
  EXPECT_EQ(ExactExp(-0.2), 0x1.a330ad6166159p-1);
  EXPECT_EQ(ExactLog(10), 0x1.26bb1bbb55516p+1);
  EXPECT_EQ(ExactLog1p(0.026), 0x1.a48a553637bcdp-6);
}

TEST(FeedScore, HasTheGoldenValuesOfItsSpecification) {
  const PostCounts counts{.likes = 10, .comments = 5, .shares = 2, .impressions = 1000};
  const ScoreParts parts{
      .freshness = Freshness(hours(2)), .engagement = Engagement(counts), .affinity = Affinity(7)};
  EXPECT_NEAR(parts.freshness, 0.8187307531, 1e-9);
  EXPECT_NEAR(parts.engagement, 0.0256677467, 1e-9);
  EXPECT_NEAR(parts.affinity, 2.0794415417, 1e-9);
  EXPECT_NEAR(RawScore(parts), 0.8797187871, 1e-9);
  EXPECT_NEAR(Relevance(RawScore(parts)), 0.4680055300, 1e-9);
}

// Contradiction 1: a relevance in [0, 1] although raw scores have no bound.
TEST(FeedScore, RelevanceStaysBelowOneAndKeepsTheOrder) {
  EXPECT_GT(0.30 * Affinity(28), 1.0);
  double before = -1;
  for (double raw = 0; raw < 1000; raw = raw * 1.5 + 0.01) {
    EXPECT_GT(Relevance(raw), before);
    EXPECT_LT(Relevance(raw), 1);
    before = Relevance(raw);
  }
  EXPECT_EQ(Relevance(0), 0);
}

// Contradiction 2: log1p(x / impressions) may pass 1, and has no value without impressions.
TEST(FeedScore, WithoutImpressionsTheFormulaHasOne) {
  EXPECT_EQ(Engagement({.likes = 3}), Engagement({.likes = 3, .impressions = 1}));
  EXPECT_NEAR(Engagement({.shares = 1, .impressions = 1}), 1.3862943611, 1e-9);
}

TEST(FeedScore, TheRobustProfileDoesNotBelieveOneShareOfOneView) {
  const double one_share = Engagement({.shares = 1, .impressions = 1}, EngagementProfile::kRobust);
  EXPECT_NEAR(one_share, std::log1p(5.0 / 101.0), 1e-12);
  EXPECT_LT(one_share, Engagement({.likes = 100, .impressions = 1000}, EngagementProfile::kRobust));
}

TEST(FeedScore, CountsFractionsOfHoursAndNoNegativeAge) {
  EXPECT_NEAR(Freshness(minutes(30)), std::exp(-0.05), 1e-12);
  EXPECT_EQ(Freshness(-minutes(30)), 1);
}

TEST(FixedPoint, RoundsToTheNearest) {
  EXPECT_EQ(ToFixed(1), kFixedOne);
  EXPECT_EQ(ToFixed(0.5 / 4294967296.0), 1);
  EXPECT_EQ(ToFixed(0.49 / 4294967296.0), 0);
  EXPECT_NEAR(FromFixed(ToFixed(0.8797187871)), 0.8797187871, 1.2e-10);
}

}  // namespace
}  // namespace millrace::topologies
