#include "generator/distributions.h"

#include <cmath>

#include "generator/fixed_point.h"
#include "gtest/gtest.h"

namespace millrace::gen {
namespace {

double FromQ32(int64_t x) { return static_cast<double>(x) / static_cast<double>(kOneQ32); }

TEST(FixedPoint, LogarithmsAndPowersAreThoseOfTheMathLibraryButForTheLastBits) {
  for (uint64_t x : {1ull, 2ull, 3ull, 10ull, 1000ull, 99'999ull, ~0ull}) {
    EXPECT_NEAR(FromQ32(Log2Q32(x)), std::log2(static_cast<double>(x)), 1e-9) << x;
  }
  for (double x : {-31.5, -3.25, -0.1, 0.0, 0.5, 1.0, 4.7, 20.3}) {
    const auto exponent = static_cast<int64_t>(x * static_cast<double>(kOneQ32));
    EXPECT_NEAR(FromQ32(Exp2Q32(exponent)) / std::exp2(x), 1, x < -20 ? 0.3 : 1e-6) << x;
  }
}

TEST(FixedPoint, IsTheSameOnEveryMachine) {
  static_assert(Log2Q32(10) == 14'267'572'527);
  static_assert(Exp2Q32(kOneQ32 / 2) == 6'074'000'999);
}

TEST(Distributions, ZipfGivesTheFirstTheMost) {
  const WeightedChoice zipf = WeightedChoice::Zipf(1000, 1000);
  EXPECT_NEAR(static_cast<double>(zipf.WeightOf(0)) / static_cast<double>(zipf.WeightOf(9)), 10,
              1e-6);
  Draws draws(1);
  int first = 0;
  for (int i = 0; i < 100'000; ++i) first += zipf.Draw(draws) == 0;
  EXPECT_NEAR(first, 100'000 / 7.485, 500);  // the harmonic number of 1000
}

TEST(Distributions, LogNormalHasItsMedianAndSpread) {
  Draws draws(2);
  int below = 0;
  int below_one_sigma = 0;
  for (int i = 0; i < 100'000; ++i) {
    const uint64_t size = LogNormal(draws, 1000, 1200, 1'000'000);
    below += size < 1000;
    below_one_sigma += size < 3320;  // 1000 e^1.2
  }
  EXPECT_NEAR(below, 50'000, 800);
  EXPECT_NEAR(below_one_sigma, 84'134, 800);
  for (int i = 0; i < 1000; ++i) EXPECT_LE(LogNormal(draws, 1000, 1200, 1500), 1500u);
}

TEST(Distributions, ExponentialHasItsMean) {
  Draws draws(3);
  double sum = 0;
  int beyond = 0;
  for (int i = 0; i < 100'000; ++i) {
    const uint64_t delay = Exponential(draws, 20'000);
    sum += static_cast<double>(delay);
    beyond += delay > 20'000;
  }
  EXPECT_NEAR(sum / 100'000, 20'000, 300);
  EXPECT_NEAR(beyond, 36'788, 600);
}

}  // namespace
}  // namespace millrace::gen
