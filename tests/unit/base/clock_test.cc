#include "gtest/gtest.h"
#include "millrace/time.h"

namespace millrace {
namespace {

using std::chrono::milliseconds;

TEST(ManualClock, StandsStillUntilItIsTold) {
  ManualClock clock(TimestampFromMillis(1000));
  EXPECT_EQ(clock.Now(), TimestampFromMillis(1000));
  EXPECT_EQ(clock.Now(), TimestampFromMillis(1000));
  clock.Advance(milliseconds(5));
  EXPECT_EQ(clock.Now(), TimestampFromMillis(1005));
}

TEST(ManualClock, MeasuresIntervalsByTheSameTime) {
  ManualClock clock;
  const auto start = clock.Monotonic();
  clock.Advance(milliseconds(250));
  EXPECT_EQ(clock.Monotonic() - start, milliseconds(250));
}

TEST(SystemClock, NeverGoesBackInMonotonicTime) {
  Clock* clock = Clock::System();
  const auto first = clock->Monotonic();
  EXPECT_GE(clock->Monotonic(), first);
  EXPECT_EQ(clock, Clock::System());
  EXPECT_GT(clock->Now(), TimestampFromMillis(1'500'000'000'000));
}

TEST(Timestamp, CountsMillisecondsAsKafkaDoes) {
  EXPECT_EQ(ToMillis(TimestampFromMillis(1'767'323'045'123)), 1'767'323'045'123);
  EXPECT_EQ(ToMillis(kNoTimestamp), -1);
}

}  // namespace
}  // namespace millrace
