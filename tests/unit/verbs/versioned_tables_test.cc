// Versioned tables on the TopologyDriver: what is found by time, what comes out of order, what
// waits.
#include <stdexcept>

#include "verb_testing.h"

namespace millrace::verbs_test {
namespace {

Text Both(const Text& value, const Text& row) { return value + row; }
Text Either(const Text& value, const Text* row) { return value + TextOr(row); }
bool IsGood(const Text& value) { return value != "bad"; }

Table<Text, Text> Versioned(TopologyBuilder& flow, Duration history = 1000ms) {
  return flow.TableFrom(kOther, "rows", {}, {.history = history});
}

TEST(VersionedTable, AStreamMeetsTheRowOfItsTime) {
  TextDriver driver(
      [](TopologyBuilder& flow) { flow.From(kIn).LeftJoin(Versioned(flow), Either).To(kOut); });
  driver.Pipe(kOther, "k", "A", 100);
  driver.Pipe(kOther, "k", "C", 300);
  driver.Pipe(kOther, "k", "B", 200);
  for (const int64_t time : {99, 100, 250, 900}) driver.Pipe("k", "x", time);
  EXPECT_THAT(driver.Take(), ElementsAre("k=x-@99", "k=xA@100", "k=xB@250", "k=xC@900"));
  driver->CrashAndLoseState();
  driver.Pipe("k", "y", 250);
  EXPECT_THAT(driver.Take(), ElementsAre("k=yB@250"));
}

TEST(VersionedTable, AViewIsReadAsOfTheSameTime) {
  TextDriver driver([](TopologyBuilder& flow) {
    const auto view =
        Versioned(flow).Filter(IsGood).MapValues([](const Text& row) { return row + "!"; });
    flow.From(kIn).LeftJoin(view, Either).To(kOut);
  });
  driver.Pipe(kOther, "k", "A", 100);
  driver.Pipe(kOther, "k", "bad", 200);
  for (const int64_t time : {150, 250}) driver.Pipe("k", "x", time);
  EXPECT_THAT(driver.Take(), ElementsAre("k=xA!@150", "k=x-@250"));
}

TEST(VersionedTable, AnUpdateOutOfOrderIsNotWhatAPlainViewKeeps) {
  TextDriver driver([](TopologyBuilder& flow) {
    Versioned(flow).MapValues("latest", [](const Text& row) { return row; }).ToStream().To(kOut);
  });
  driver.Pipe(kOther, "k", "new", 300);
  driver.Pipe(kOther, "k", "old", 200);
  driver.Pipe(kOther, "k", "newer", 300);
  EXPECT_THAT(driver.Take(), ElementsAre("k=new@300", "k=newer@300"));
}

TEST(VersionedTable, AnAggregateMayHaveAHistory) {
  TextDriver driver([](TopologyBuilder& flow) {
    const auto sums = flow.From(kOther).GroupByKey().Reduce("sums", Both, {.history = 1000ms});
    flow.From(kIn).LeftJoin(sums, Either).To(kOut);
  });
  driver.Pipe(kOther, "k", "A", 100);
  driver.Pipe(kOther, "k", "B", 300);
  for (const int64_t time : {50, 200, 300}) driver.Pipe("k", "x", time);
  EXPECT_THAT(driver.Take(), ElementsAre("k=x-@50", "k=xA@200", "k=xAB@300"));
}

void WithGrace(TopologyBuilder& flow) {
  flow.From(kIn).LeftJoin("enrich", Versioned(flow), Either, {.grace = 100ms}).To(kOut);
}

TEST(GraceJoin, RecordsWaitForLateRowsAndComeOutInTheOrderOfTheirTimes) {
  TextDriver driver(WithGrace);
  driver.Pipe("b", "1", 20);
  driver.Pipe("a", "2", 20);
  driver.Pipe("a", "3", 10);
  driver.Pipe("a", "4", 10);
  driver.Pipe("b", "5", 119);
  EXPECT_THAT(driver.Take(), ElementsAre("a=3-@10", "a=4-@10"));
  driver.Pipe(kOther, "b", "B", 15);
  driver.Pipe("z", "6", 120);
  EXPECT_THAT(driver.Take(), ElementsAre("a=2-@20", "b=1B@20"));
}

TEST(GraceJoin, AnOlderRecordDoesNotWait) {
  TextDriver driver(WithGrace);
  driver.Pipe(kOther, "k", "A", 0);
  driver.Pipe("k", "1", 200);
  driver.Pipe("k", "late", 99);
  driver.Pipe(std::nullopt, "no key", 150);
  EXPECT_THAT(driver.Take(), ElementsAre("k=lateA@99", "null=no key-@150"));
}

TEST(GraceJoin, RecordsKeepTheirHeaders) {
  TextDriver driver(WithGrace);
  driver.Pipe(kIn, "k", "1", 0, Headers{{"mine", "x"}});
  driver.Pipe(kIn, "k", "2", 100, Headers{{"other", "y"}});
  EXPECT_THAT(driver.Take(), ElementsAre("k=1-@0 #mine"));
}

TEST(GraceJoin, WhatWaitsAndTheStreamTimeOutliveALossOfState) {
  TextDriver driver(WithGrace);
  driver.Pipe("k", "1", 0);
  driver.Pipe("k", "2", 0);
  driver->CrashAndLoseState();
  driver.Pipe("k", "3", 0);
  driver.Pipe("k", "4", 100);
  EXPECT_THAT(driver.Take(), ElementsAre("k=1-@0", "k=2-@0", "k=3-@0"));
  driver.Pipe("k", "5", 200);
  driver->Restart();
  driver.Pipe("k", "late", 50);
  EXPECT_THAT(driver.Take(), ElementsAre("k=4-@100", "k=late-@50"));
}

TEST(GraceJoin, NeedsATableWithAHistoryThatIsAsLong) {
  EXPECT_THAT(Refusal([](TopologyBuilder& flow) {
                flow.From(kIn).Join("enrich", flow.TableFrom(kOther, "rows"), Both, {.grace = 1ms});
              }),
              HasSubstr("which has no history; give its store one that is as long"));
  EXPECT_THAT(Refusal([](TopologyBuilder& flow) {
                flow.From(kIn).Join("enrich", Versioned(flow, 5ms), Both, {.grace = 6ms});
              }),
              HasSubstr("which has a history of 5 ms"));
}

TEST(GraceJoin, ARecordThatWaitedIsTheDeadLetterIfTheFunctionThrowsOnIt) {
  TextDriver driver([](TopologyBuilder& flow) {
    const auto join = [](const Text& value, const Text* row) {
      if (value == "bad") throw std::runtime_error("it is bad");
      return value + TextOr(row);
    };
    flow.From(kIn).LeftJoin("enrich", Versioned(flow), join, {.grace = 100ms}).To(kOut);
  });
  const Headers from = {{"from", "there"}};
  driver.Pipe(kIn, "a", "bad", 10, from);
  driver.Pipe(kIn, "b", "good", 11);
  driver->CrashAndLoseState();
  driver.Pipe(kIn, "c", "lets them out", 300);
  EXPECT_THAT(driver.Take(), ElementsAre("b=good-@11"));
  const auto letters = driver->DrainBytes("in-dlq");
  ASSERT_EQ(letters.size(), 1);
  EXPECT_EQ(letters.front().key, "a");
  EXPECT_EQ(letters.front().value, "bad");
  EXPECT_EQ(letters.front().timestamp, TimestampFromMillis(10));
  EXPECT_EQ(letters.front().headers.Last("from")->value, "there");
  EXPECT_EQ(letters.front().headers.Last("__streams.errors.offset")->value, "0");
}

}  // namespace
}  // namespace millrace::verbs_test
