// Who did the most in the last hour.
#include "topologies/active-users/active_users.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/topology/normal_changes.h"
#include "tests/topology/readme_picture.h"

namespace millrace::topologies {
namespace {

using schemas::ClientEvent;
using schemas::ClientEventType;
using schemas::FeedRead;
using schemas::UserId;
using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr Timestamp kNoon = Today(hours(12));
constexpr Timestamp AtNoon(Duration after) { return kNoon + after; }

TEST(ActiveUsersTopology, ReadmeShowsThePictureOfToday) {
  EXPECT_EQ(PictureInReadme("active-users"), BuildActiveUsers().value().Describe());
}

class ActiveUsers : public testing::TestWithParam<int> {
 protected:
  void Report(int64_t user, Timestamp at, std::string id = "") {
    if (id.empty()) id = "e" + std::to_string(++reports_);
    const ClientEvent event{
        .id = id, .type = ClientEventType::kProfileView, .user = user, .at = at};
    driver_.Pipe(topics::kEvents, id, event, at);
  }
  void Read(int64_t user, int64_t post, Timestamp at) {
    driver_.Pipe(topics::kFeedReads, UserId{user}, FeedRead{user, post, at}, at);
  }
  // Brings the time of every partition there, by deeds of users who are as good as nobody.
  void PassTime(Timestamp at) {
    for (int64_t user = 1000; user < 1020; ++user) Report(user, at);
  }
  // The list now, without nobodies: users and counts.
  std::vector<std::pair<int64_t, int64_t>> List() {
    for (const auto& record : driver_.Drain(topics::kActiveUsers)) {
      EXPECT_EQ(record.key, "1h");
      last_ = *record.value;
    }
    std::vector<std::pair<int64_t, int64_t>> list;
    for (const auto& user : last_.users) {
      if (user.user < 1000) list.emplace_back(user.user, user.count);
    }
    return list;
  }

  TopologyDriver driver_{BuildActiveUsers().value(), {.partitions = GetParam(), .start = kToday}};
  schemas::UserList last_;
  int reports_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Partitions, ActiveUsers, testing::Values(1, 4),
                         testing::PrintToStringParamName());

TEST_P(ActiveUsers, AreThoseWithTheMostDeedsOfTheHour) {
  for (int i = 0; i < 3; ++i) Report(7, AtNoon(-minutes(30)));
  Report(5, AtNoon(-minutes(20)));
  Read(5, 1, AtNoon(-minutes(10)));
  Read(6, 1, AtNoon(-minutes(10)));
  Read(6, 2, AtNoon(-minutes(10)));
  PassTime(kNoon);
  EXPECT_THAT(List(), ElementsAre(Pair(7, 3), Pair(5, 2), Pair(6, 2)));
}

TEST_P(ActiveUsers, TheHourSlidesByMinutes) {
  Report(7, AtNoon(-minutes(60)));
  Report(7, AtNoon(-minutes(30)));
  PassTime(kNoon);
  EXPECT_THAT(List(), ElementsAre(Pair(7, 2)));
  PassTime(AtNoon(minutes(1)));
  EXPECT_THAT(List(), ElementsAre(Pair(7, 1)));
  PassTime(AtNoon(minutes(31)));
  EXPECT_THAT(List(), IsEmpty());
}

TEST_P(ActiveUsers, ARepeatedEventCountsOnce) {
  for (int times = 0; times < 3; ++times) {
    Report(7, AtNoon(-minutes(30)), "the same");
    Read(7, 1, AtNoon(-minutes(20)));
  }
  PassTime(kNoon);
  EXPECT_THAT(List(), ElementsAre(Pair(7, 2)));
}

TEST_P(ActiveUsers, AHundredAreListed) {
  for (int64_t user = 1; user <= 150; ++user) {
    Report(user, AtNoon(-minutes(30)));
    if (user > 100) Report(user, AtNoon(-minutes(29)));
  }
  PassTime(kNoon);
  const auto list = List();
  ASSERT_EQ(list.size(), 100u);
  EXPECT_EQ(list[0], std::pair(int64_t{101}, int64_t{2}));
  EXPECT_EQ(list[49], std::pair(int64_t{150}, int64_t{2}));
  EXPECT_EQ(list[50], std::pair(int64_t{1}, int64_t{1}));
  EXPECT_EQ(list[99], std::pair(int64_t{50}, int64_t{1}));
}

TEST_P(ActiveUsers, StateComesBackFromTheChangelogs) {
  Report(7, AtNoon(-minutes(30)), "one");
  driver_.CrashAndLoseState();
  Report(7, AtNoon(-minutes(30)), "one");
  Report(7, AtNoon(-minutes(30)), "two");
  PassTime(kNoon);
  EXPECT_THAT(List(), ElementsAre(Pair(7, 2)));
}

TEST_P(ActiveUsers, AnErasedUserIsForgottenAndWhatComesLaterIsDropped) {
  Report(7, AtNoon(-minutes(30)));
  Report(8, AtNoon(-minutes(30)));
  PassTime(kNoon);
  driver_.Pipe(topics::kUserErased, UserId{7}, schemas::UserErased{7, "r", kNoon}, kNoon);
  Report(7, AtNoon(Duration(1)));
  PassTime(AtNoon(minutes(1)));
  EXPECT_THAT(List(), ElementsAre(Pair(8, 1)));
  const auto done = driver_.Drain(topics::kErasureDone);
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].value->rows, 1);
  EXPECT_EQ(CounterOf(&driver_, "erased_late_total"), 1);
}

TEST_P(ActiveUsers, TimesThatCannotBeAreDeadLetters) {
  driver_.Pipe(topics::kFeedReads, UserId{7}, FeedRead{7, 1, AtNoon(hours(25))}, kNoon);
  EXPECT_THAT(DeadLetterClasses(&driver_, "feed.read.v1"), ElementsAre("RANGE"));
}

}  // namespace
}  // namespace millrace::topologies
