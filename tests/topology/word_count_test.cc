#include "topologies/word-count/word_count.h"

#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "millrace/topology_driver.h"
#include "tests/topology/readme_picture.h"

namespace millrace::topologies {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

std::map<std::string, int64_t> FinalCounts(TopologyDriver* driver) {
  std::map<std::string, int64_t> counts;
  for (const auto& record : driver->Drain(kWordCounts)) counts[*record.key] = *record.value;
  return counts;
}

TEST(WordCount, ReadmeShowsThePictureOfToday) {
  EXPECT_EQ(PictureInReadme("word-count"), BuildWordCount().value().Describe());
}

TEST(WordCount, EmitsEveryUpdateOfACountInOrder) {
  TopologyDriver driver(BuildWordCount().value());
  driver.Pipe(kLines, std::nullopt, "To be, or not to be", TimestampFromMillis(1000));
  std::vector<std::pair<std::string, int64_t>> updates;
  for (const auto& record : driver.Drain(kWordCounts)) {
    updates.emplace_back(*record.key, *record.value);
    EXPECT_EQ(record.timestamp, TimestampFromMillis(1000));
  }
  EXPECT_THAT(updates, ElementsAre(Pair("to", 1), Pair("be", 1), Pair("or", 1), Pair("not", 1),
                                   Pair("to", 2), Pair("be", 2)));
}

TEST(WordCount, CountsOneWordFromAllPartitionsTogether) {
  TopologyDriver driver(BuildWordCount().value(), {.partitions = 4});
  for (int line = 0; line < 20; ++line) {
    driver.Pipe(kLines, "line-" + std::to_string(line), "mill race mill");
  }
  EXPECT_THAT(FinalCounts(&driver), UnorderedElementsAre(Pair("mill", 40), Pair("race", 20)));
}

TEST(WordCount, IgnoresNullAndEmptyLines) {
  TopologyDriver driver(BuildWordCount().value());
  driver.Pipe(kLines, "k", std::nullopt);
  driver.Pipe(kLines, "k", "");
  EXPECT_THAT(FinalCounts(&driver), IsEmpty());
  EXPECT_TRUE(driver.status().ok());
}

TEST(WordCount, GoesOnCountingAfterACrashThatLosesTheState) {
  TopologyDriver driver(BuildWordCount().value(), {.partitions = 4});
  driver.Pipe(kLines, "k", "mill race");
  driver.Crash();
  driver.Pipe(kLines, "k", "mill race");
  driver.CrashAndLoseState();
  driver.Pipe(kLines, "k", "mill");
  EXPECT_THAT(FinalCounts(&driver), UnorderedElementsAre(Pair("mill", 3), Pair("race", 2)));
}

}  // namespace
}  // namespace millrace::topologies
