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

// Windows of 10 ms as "key[start,end)=count@time".
std::vector<Text> TakeWindows(TextDriver& driver) {
  std::vector<Text> taken;
  for (const auto& record : driver->Drain(Topic<Text, Text>("windows"))) {
    taken.push_back(*record.key + "=" + record.value.value_or("null") + "@" +
                    std::to_string(ToMillis(record.timestamp)));
  }
  return taken;
}
void RecentWindows(TopologyBuilder& flow, ExpiryOptions options) {
  flow.From(kIn)
      .GroupByKey()
      .Window(Tumbling{.size = 10ms})
      .Count("windows")
      .Filter([](int64_t count) { return count > 0; })
      .ExpireAfter("recent", 100ms, options)
      .ToStream()
      .Map([](const Windowed<Text>& window, const int64_t* count) {
        return KeyValue<Text, std::optional<Text>>{
            window.key + "[" + std::to_string(ToMillis(window.start)) + "," +
                std::to_string(ToMillis(window.end)) + ")",
            count == nullptr ? std::optional<Text>() : std::to_string(*count)};
      })
      .To(Topic<Text, Text>("windows"));
}

TEST(ExpireAfter, KeepsTheWindowOfAWindowedKeyInItsTombstone) {
  TextDriver driver([](auto& flow) { RecentWindows(flow, {}); });
  driver.Pipe("a", "x", 12);
  driver->CrashAndLoseState();
  driver.Pipe("b", "x", 200);
  EXPECT_THAT(TakeWindows(driver),
              ElementsAre("a[10,20)=1@12", "a[10,20)=null@112", "b[200,210)=1@200"));
}

TEST(ExpireAfter, ByTheWallClockKeepsTheWindowToo) {
  TextDriver driver(
      [](auto& flow) { RecentWindows(flow, {.clock = PunctuationType::kWallClock}); });
  driver.Pipe("a", "x", 12);
  driver->Restart();
  driver->AdvanceWallClock(200ms);
  EXPECT_THAT(TakeWindows(driver), ElementsAre("a[10,20)=1@12", "a[10,20)=null@12"));
}

TEST(ExpireAfter, OfNoTimeIsRefused) {
  EXPECT_THAT(
      Refusal([](auto& flow) { flow.TableFrom(kIn).ExpireAfter("gone", 0ms).ToStream().To(kOut); }),
      HasSubstr("ExpireAfter \"gone\" has a time of 0 ms"));
}

}  // namespace
}  // namespace millrace::verbs_test
