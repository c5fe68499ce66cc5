#include "connectors/debezium/time_text.h"

#include <string>

#include "gtest/gtest.h"

namespace millrace::debezium {
namespace {

std::string Written(Timestamp time) {
  std::string text;
  AppendTimestamp(time, &text);
  return text;
}

TEST(TimeText, CutsMicrosecondsToMilliseconds) {
  EXPECT_EQ(ParseTimestamp("2026-01-02T03:04:05.123999Z"), TimestampFromMillis(1'767'323'045'123));
  EXPECT_EQ(ParseTimestamp("2026-01-02T03:04:05.1Z"), TimestampFromMillis(1'767'323'045'100));
  EXPECT_EQ(ParseTimestamp("2026-01-02T03:04:05Z"), TimestampFromMillis(1'767'323'045'000));
}

TEST(TimeText, TakesTimesOfAnotherZoneToUtc) {
  EXPECT_EQ(ParseTimestamp("2026-01-02T04:34:05+01:30"), TimestampFromMillis(1'767'323'045'000));
  EXPECT_EQ(ParseTimestamp("2026-01-01T22:04:05-05:00"), TimestampFromMillis(1'767'323'045'000));
}

TEST(TimeText, KnowsLeapYearsAndTimesBefore1970) {
  EXPECT_EQ(ParseTimestamp("1969-12-31T23:59:59.999Z"), TimestampFromMillis(-1));
  EXPECT_EQ(ParseTimestamp("2024-02-29T00:00:00Z"), TimestampFromMillis(1'709'164'800'000));
  EXPECT_EQ(ParseTimestamp("2023-02-29T00:00:00Z"), std::nullopt);
}

TEST(TimeText, ReadsThePastAndTheFutureOfPostgres) {
  EXPECT_EQ(ParseTimestamp("-infinity"), Timestamp::min());
  EXPECT_EQ(ParseTimestamp("infinity"), Timestamp::max());
}

TEST(TimeText, RefusesWhatIsNoInstant) {
  for (const char* text :
       {"", "2026", "2026-01-02", "2026-01-02T03:04:05", "2026-01-02 03:04:05Z",
        "2026-13-02T03:04:05Z", "2026-01-32T03:04:05Z", "2026-01-02T24:00:00Z",
        "2026-01-02T03:60:05Z", "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05.1234567890Z",
        "2026-01-02T03:04:05Zx", "2026-01-02T03:04:05+19:00", "2026-01-02T03:04:05+01",
        "+2026-01-02T03:04:05Z", "20a6-01-02T03:04:05Z"}) {
    EXPECT_EQ(ParseTimestamp(text), std::nullopt) << text;
  }
}

TEST(TimeText, WritesWhatItReads) {
  EXPECT_EQ(Written(TimestampFromMillis(1'767'323'045'123)), "2026-01-02T03:04:05.123Z");
  EXPECT_EQ(Written(TimestampFromMillis(-1)), "1969-12-31T23:59:59.999Z");
  for (const char* text : {"0000-01-01T00:00:00.000Z", "1999-12-31T23:59:59.999Z",
                           "9999-12-31T23:59:59.999Z", "infinity", "-infinity"}) {
    EXPECT_EQ(Written(ParseTimestamp(text).value()), text);
  }
}

}  // namespace
}  // namespace millrace::debezium
