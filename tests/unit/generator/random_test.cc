#include "generator/random.h"

#include <vector>

#include "gtest/gtest.h"

namespace millrace::gen {
namespace {

TEST(Permutation, VisitsEveryElementOnce) {
  for (uint64_t size : {1, 2, 3, 4, 5, 16, 17, 1000, 4096}) {
    const Permutation shuffle(RandomKey(7, 1, size), size);
    std::vector<int> seen(size);
    for (uint64_t i = 0; i < size; ++i) ++seen.at(shuffle(i));
    EXPECT_EQ(seen, std::vector<int>(size, 1)) << "size " << size;
  }
}

TEST(Permutation, DependsOnItsKey) {
  const Permutation one(1, 1000);
  const Permutation other(2, 1000);
  int equal = 0;
  for (uint64_t i = 0; i < 1000; ++i) equal += one(i) == other(i);
  EXPECT_LT(equal, 20);
}

TEST(Draws, StayBelowTheirBoundAndReachAllOfIt) {
  Draws draws(RandomKey(1, 2, 3));
  std::vector<int> seen(10);
  for (int i = 0; i < 10'000; ++i) ++seen.at(draws.Below(10));
  for (int count : seen) EXPECT_NEAR(count, 1000, 150);
}

TEST(Draws, GiveEveryOctaveOfRanksTheSameShare) {
  Draws draws(RandomKey(1, 2, 4));
  std::vector<int> of_octave(10);
  for (int i = 0; i < 100'000; ++i) {
    of_octave.at(static_cast<size_t>(std::bit_width(draws.HeavyTailedRank(1023) + 1) - 1))++;
  }
  for (int count : of_octave) EXPECT_NEAR(count, 10'000, 600);
}

TEST(Draws, StayWithinTheRanksThatExist) {
  Draws draws(RandomKey(1, 2, 5));
  for (uint64_t count = 1; count < 100; ++count) {
    for (int i = 0; i < 100; ++i) EXPECT_LT(draws.HeavyTailedRank(count), count);
  }
}

}  // namespace
}  // namespace millrace::gen
