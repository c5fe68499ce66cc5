#include "runtime/punctuations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace {
namespace {

using testing::ElementsAre;

Timestamp T(int64_t millis) { return TimestampFromMillis(millis); }

class PunctuationsTest : public testing::Test {
 protected:
  std::shared_ptr<detail::PunctuationHandle> Add(const std::string& name, int64_t first,
                                                 int64_t interval) {
    return schedule_.Add(0, T(first), Duration(interval), [this, name](Timestamp now) {
      fired_.push_back(name + "@" + std::to_string(ToMillis(now)));
    });
  }
  std::vector<std::string> RunAt(int64_t now) {
    fired_.clear();
    schedule_.Run(T(now), [](int, const Punctuations::Callback& callback, Timestamp time) {
      callback(time);
    });
    return fired_;
  }

  Punctuations schedule_;
  std::vector<std::string> fired_;
};

TEST_F(PunctuationsTest, FiresOnceForAllMissedIntervalsWithThePresentTime) {
  Add("a", 0, 1000);
  EXPECT_THAT(RunAt(3500), ElementsAre("a@3500"));
  EXPECT_THAT(RunAt(3999), ElementsAre());
  EXPECT_THAT(RunAt(4000), ElementsAre("a@4000"));
}

TEST_F(PunctuationsTest, IsDueAtMultiplesOfTheIntervalFromItsAnchor) {
  Add("a", 250, 1000);
  EXPECT_THAT(RunAt(249), ElementsAre());
  EXPECT_THAT(RunAt(1300), ElementsAre("a@1300"));
  EXPECT_EQ(schedule_.next_due(), T(2250));
}

TEST_F(PunctuationsTest, RunsInTheOrderOfDueTimes) {
  Add("late", 50, 300);
  Add("early", 0, 700);
  EXPECT_THAT(RunAt(60), ElementsAre("early@60", "late@60"));
}

TEST_F(PunctuationsTest, ACancelledOneNeverFiresAgain) {
  const auto handle = Add("a", 0, 100);
  RunAt(0);
  handle->Cancel();
  EXPECT_THAT(RunAt(1000), ElementsAre());
}

TEST_F(PunctuationsTest, MayCancelItselfWhileItRuns) {
  std::shared_ptr<detail::PunctuationHandle> handle;
  int runs = 0;
  handle = schedule_.Add(0, T(0), Duration(100), [&](Timestamp) {
    ++runs;
    handle->Cancel();
  });
  RunAt(0);
  RunAt(500);
  EXPECT_EQ(runs, 1);
}

TEST_F(PunctuationsTest, OneScheduledByACallbackRunsInTheSameRoundIfItIsDue) {
  schedule_.Add(0, T(0), Duration(1'000'000), [this](Timestamp) { Add("new", 5, 1000); });
  EXPECT_THAT(RunAt(10), ElementsAre("new@10"));
}

}  // namespace
}  // namespace millrace
