// What sources may be told beside the name of a topic: whose clock counts, and topics by a pattern.
#include "verb_testing.h"

namespace millrace::verbs_test {
namespace {

using testing::UnorderedElementsAre;

TEST(WallClockTime, IsTheTimeAtWhichTheTaskGetsToTheRecord) {
  TextDriver driver(
      [](TopologyBuilder& flow) { flow.From(kIn, {.timestamp = WallClockTime()}).To(kOut); });
  driver->AdvanceWallClock(500ms);
  driver.Pipe("a", "1", 7);
  driver->AdvanceWallClock(100ms);
  driver.Pipe("a", "2", 70'000);
  driver.Pipe("a", "3", -1);
  EXPECT_THAT(driver.Take(), ElementsAre("a=1@500", "a=2@600", "a=3@600"));
}

TEST(WallClockTime, IsAnotherSourceThanThatOfTheLogsTime) {
  EXPECT_THAT(Refusal([](TopologyBuilder& flow) {
                flow.From(kIn).To(kOut);
                flow.From(kIn, {.timestamp = WallClockTime()}).To(kLate);
              }),
              HasSubstr("is read twice"));
}

Topology CopyMatching(const std::string& pattern) {
  TopologyBuilder flow("matching");
  flow.FromMatching<Text, Text>(pattern).To(kOut);
  return std::move(flow).Build().value();
}

std::vector<Text> Values(TopologyDriver& driver, const Topic<Text, Text>& topic = kOut) {
  std::vector<Text> values;
  for (const auto& record : driver.Drain(topic)) values.push_back(record.value.value_or("null"));
  return values;
}

TEST(PatternSource, ReadsTheTopicsWhoseWholeNamesMatch) {
  TopologyDriver driver(CopyMatching("orders-.*"),
                        {.partitions = 2, .topics = {"orders-eu", "orders-us", "my-orders-eu"}});
  driver.PipeBytes("orders-eu", "k", "eu");
  driver.PipeBytes("my-orders-eu", "k", "mine");
  driver.PipeBytes("orders-us", "k", "us");
  EXPECT_THAT(Values(driver), UnorderedElementsAre("eu", "us"));
}

TEST(PatternSource, ReadsATopicThatIsNewFromTheNextStartOn) {
  TopologyDriver driver(CopyMatching("orders-.*"), {.topics = {"orders-eu"}});
  ASSERT_TRUE(driver.log()->CreateTopic("orders-us", {}).ok());
  driver.PipeBytes("orders-us", "k", "us");
  EXPECT_THAT(Values(driver), IsEmpty());
  driver.Restart();
  EXPECT_THAT(Values(driver), ElementsAre("us"));
  driver.PipeBytes("orders-eu", "k", "eu");
  EXPECT_THAT(Values(driver), ElementsAre("eu"));
}

TEST(PatternSource, KeepsStateOfAllItsTopicsTogether) {
  TopologyBuilder flow("matching");
  flow.FromMatching<Text, Text>("orders-.*")
      .GroupByKey()
      .Reduce("all", [](const Text& sum, const Text& next) { return sum + next; })
      .ToStream()
      .To(kOut);
  TopologyDriver driver(std::move(flow).Build().value(), {.topics = {"orders-eu", "orders-us"}});
  driver.PipeBytes("orders-eu", "k", "e");
  driver.PipeBytes("orders-us", "k", "u");
  driver.CrashAndLoseState();
  driver.PipeBytes("orders-eu", "k", "E");
  EXPECT_THAT(Values(driver), ElementsAre("e", "eu", "euE"));
}

TEST(PatternSource, NeverReadsItsOwnDeadLettersAndInternalTopics) {
  TopologyBuilder flow("matching");
  flow.FromMatching<Text, int64_t>(".*").GroupByKey().Count("counts").ToStream().To(
      Topic<Text, int64_t>("__counts"));
  TopologyDriver driver(std::move(flow).Build().value(), {.topics = {"in"}});
  driver.PipeBytes("in", "k", "no number");
  ASSERT_EQ(driver.DrainBytes("in-dlq").size(), 1);
  driver.Restart();
  driver.PipeBytes("in", "k", "no number");
  EXPECT_EQ(driver.DrainBytes("in-dlq").size(), 1);
  EXPECT_TRUE(driver.DrainBytes("in-dlq-dlq").empty());
}

TEST(PatternSourceDeathTest, DoesNotStartWhileNothingMatches) {
  EXPECT_DEATH(TopologyDriver(CopyMatching("orders-.*")), "no topic matches 'orders-");
}

TEST(PatternSourceDeathTest, DoesNotReadWhatAnotherSourceReads) {
  TopologyBuilder flow("matching");
  flow.FromMatching<Text, Text>("orders-.*").To(kOut);
  flow.From(Topic<Text, Text>("orders-eu")).To(kLate);
  const Topology topology = std::move(flow).Build().value();
  EXPECT_DEATH(TopologyDriver(topology, {.topics = {"orders-eu", "orders-us"}}),
               "topic orders-eu is read by");
}

TEST(PatternSource, IsDescribedByItsPattern) {
  EXPECT_THAT(CopyMatching("orders-.*").Describe(), HasSubstr("(topics: orders-.*)"));
}

TEST(PatternSource, MustBeARegularExpression) {
  EXPECT_THAT(
      Refusal([](TopologyBuilder& flow) { flow.FromMatching<Text, Text>("orders-(").To(kOut); }),
      HasSubstr("pattern \"orders-(\" is no regular expression"));
}

}  // namespace
}  // namespace millrace::verbs_test
