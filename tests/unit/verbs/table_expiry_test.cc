// Tables whose rows have a time to live: docs/expire-after.md.
#include "verb_testing.h"

namespace millrace::verbs_test {
namespace {

void RecentProfiles(TopologyBuilder& flow) {
  flow.TableFrom(kIn, "profiles").ExpireAfter("recent-profiles", 100ms).ToStream().To(kOut);
}
void RecentByWallClock(TopologyBuilder& flow) {
  flow.TableFrom(kIn)
      .ExpireAfter("recent-profiles", 100ms, {.clock = PunctuationType::kWallClock})
      .ToStream()
      .To(kOut);
}

TEST(ExpireAfter, DeletesRowsThatWereNotUpdatedForTheirTimeToLive) {
  TextDriver driver(RecentProfiles);
  driver.Pipe("a", "1", 0);
  driver.Pipe("b", "2", 50);
  driver.Pipe("a", "3", 60);
  driver.Pipe("c", "4", 149);
  EXPECT_THAT(driver.Take(), ElementsAre("a=1@0", "b=2@50", "a=3@60", "c=4@149"));
  driver.Pipe("c", "5", 160);
  EXPECT_THAT(driver.Take(), ElementsAre("b=null@150", "a=null@160", "c=5@160"));
  EXPECT_THAT((driver->ReadStore<Text, Text>("recent-profiles")).size(), 1);
}

TEST(ExpireAfter, DeletesARowBeforeItsOwnUpdateThatCameTooLate) {
  TextDriver driver(RecentProfiles);
  driver.Pipe("a", "1", 0);
  driver.Pipe("a", "2", 500);
  EXPECT_THAT(driver.Take(), ElementsAre("a=1@0", "a=null@100", "a=2@500"));
}

TEST(ExpireAfter, IsNotShortenedByAnUpdateOutOfOrder) {
  TextDriver driver(RecentProfiles);
  driver.Pipe("a", "1", 100);
  driver.Pipe("a", "2", 20);
  driver.Pipe("b", "3", 190);
  EXPECT_THAT(driver.Take(), ElementsAre("a=1@100", "a=2@20", "b=3@190"));
  driver.Pipe("c", "4", 90);  // was gone before it came
  driver.Pipe("b", "5", 200);
  EXPECT_THAT(driver.Take(), ElementsAre("a=null@200", "b=5@200"));
}

TEST(ExpireAfter, PassesOnDeletionsOfRowsThatAreThere) {
  TextDriver driver(RecentProfiles);
  driver.Pipe("a", "1", 0);
  driver.Pipe("a", std::nullopt, 10);
  driver.Pipe("a", std::nullopt, 20);
  driver.Pipe("b", "2", 500);
  EXPECT_THAT(driver.Take(), ElementsAre("a=1@0", "a=null@10", "b=2@500"));
  EXPECT_EQ((driver->ReadStore<Bytes, Bytes>("recent-profiles-times")).size(), 3);
}

TEST(ExpireAfter, KnowsTheTimesOfItsRowsAfterALossOfState) {
  TextDriver driver(RecentProfiles);
  driver.Pipe("a", "1", 0);
  driver.Pipe("b", "2", 60);
  driver->CrashAndLoseState();
  driver.Pipe("c", "3", 120);
  driver->Restart();
  driver.Pipe("c", "4", 161);
  EXPECT_THAT(driver.Take(),
              ElementsAre("a=1@0", "b=2@60", "a=null@100", "c=3@120", "b=null@160", "c=4@161"));
}

TEST(ExpireAfter, GoesOnWhileNothingComesIfStreamTimeDoes) {
  TextDriver driver(RecentProfiles, {.advance_when_idle = 1000ms});
  driver.Pipe("a", "1", 0);
  driver->AdvanceWallClock(1000ms);
  EXPECT_THAT(driver.Take(), ElementsAre("a=1@0", "a=null@100"));
}

TEST(ExpireAfter, ByTheWallClockNeedsNoRecords) {
  TextDriver driver(RecentByWallClock);
  driver.Pipe("a", "1", 5000);
  driver->AdvanceWallClock(60ms);
  driver.Pipe("b", "2", 10);
  driver->AdvanceWallClock(30ms);
  EXPECT_THAT(driver.Take(), ElementsAre("a=1@5000", "b=2@10"));
  driver->AdvanceWallClock(10ms);
  EXPECT_THAT(driver.Take(), ElementsAre("a=null@5000"));
  driver->CrashAndLoseState();
  driver->AdvanceWallClock(70ms);
  EXPECT_THAT(driver.Take(), ElementsAre("b=null@5000"));  // stream time
}

TEST(ExpireAfter, OfNoTimeIsRefused) {
  EXPECT_THAT(
      Refusal([](auto& flow) { flow.TableFrom(kIn).ExpireAfter("gone", 0ms).ToStream().To(kOut); }),
      HasSubstr("ExpireAfter \"gone\" has a time of 0 ms"));
}

}  // namespace
}  // namespace millrace::verbs_test
