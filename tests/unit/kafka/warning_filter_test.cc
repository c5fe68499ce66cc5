#include "connectors/kafka/src/warning_filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace millrace::kafka {
namespace {

using testing::ElementsAre;

TEST(WarningFilter, LinesThatDifferInNumbersOnlyAreSaidOnceInAWhile) {
  std::vector<std::string> said;
  ManualClock clock;
  WarningFilter filter([&](std::string_view line) { said.emplace_back(line); }, &clock);
  filter.Warn("broker 1 down after 10 ms");
  filter.Warn("broker 1 down after 2000 ms");
  filter.Warn("another thing");
  clock.Advance(Duration(29'000));
  filter.Warn("broker 1 down after 1 ms");
  EXPECT_THAT(said, ElementsAre("broker 1 down after 10 ms", "another thing"));
  clock.Advance(Duration(1'000));
  filter.Warn("broker 1 down after 7 ms");
  EXPECT_THAT(
      said, ElementsAre("broker 1 down after 10 ms", "another thing", "broker 1 down after 7 ms"));
}

TEST(WarningFilter, WithoutASinkNothingIsSaid) { WarningFilter(nullptr).Warn("line"); }

}  // namespace
}  // namespace millrace::kafka
