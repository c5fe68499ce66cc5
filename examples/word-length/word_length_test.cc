#include "word_length.h"

#include <map>

#include "gtest/gtest.h"
#include "millrace/topology_driver.h"

namespace {

using LengthCounts = std::map<int64_t, int64_t>;

LengthCounts CountsIn(millrace::TopologyDriver* driver) {
  LengthCounts counts;
  for (const auto& row : driver->ReadStore<int64_t, int64_t>("words-of-length")) {
    counts[row.key] = row.value;
  }
  return counts;
}

TEST(WordLength, CountsWordsOfEachLengthAcrossLines) {
  millrace::TopologyDriver driver(BuildWordLength().value());
  driver.Pipe(kLines, std::nullopt, "to be or not");
  driver.Pipe(kLines, std::nullopt, "to be");
  EXPECT_EQ(CountsIn(&driver), (LengthCounts{{2, 5}, {3, 1}}));
}

TEST(WordLength, EmitsEveryUpdate) {
  millrace::TopologyDriver driver(BuildWordLength().value());
  driver.Pipe(kLines, std::nullopt, "a b");
  const auto updates = driver.Drain(kWordLengths);
  ASSERT_EQ(updates.size(), 2u);
  EXPECT_EQ(updates.back().key, 1);
  EXPECT_EQ(updates.back().value, 2);
}

TEST(WordLength, GoesOnCountingAfterACrash) {
  millrace::TopologyDriver driver(BuildWordLength().value());
  driver.Pipe(kLines, std::nullopt, "one two");
  driver.CrashAndLoseState();
  driver.Pipe(kLines, std::nullopt, "six");
  EXPECT_EQ(CountsIn(&driver), (LengthCounts{{3, 3}}));
}

}  // namespace
