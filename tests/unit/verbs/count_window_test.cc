// One result per number of records: docs/count-windows.md.
#include "verb_testing.h"

namespace millrace::verbs_test {
namespace {

void Triples(TopologyBuilder& flow) {
  flow.From(kIn)
      .GroupByKey()
      .Window(CountWindow{.size = 3})
      .Aggregate("triples", "", [](const Text& sum, const Text& value) { return sum + value; })
      .To(kOut);
}

TEST(CountWindow, MakesOneResultPerNumberOfRecordsOfAKey) {
  TextDriver driver(Triples);
  for (const char* value : {"1", "2"}) driver.Pipe("a", value, 10);
  driver.Pipe("b", "x", 20);
  EXPECT_THAT(driver.Take(), IsEmpty());
  Headers headers;
  headers.Add("last", "x");
  driver.Pipe(kIn, "a", "3", 5, headers);
  EXPECT_THAT(driver.Take(), ElementsAre("a=123@10 #last"));
  for (const char* value : {"4", "5", "6"}) driver.Pipe("a", value, 30);
  EXPECT_THAT(driver.Take(), ElementsAre("a=456@30"));
}

TEST(CountWindow, LeavesRecordsWithoutKeyOrValueOut) {
  TextDriver driver(Triples);
  driver.Pipe("a", "1", 0);
  driver.Pipe("a", std::nullopt, 0);
  driver.Pipe(std::nullopt, "x", 0);
  driver.Pipe("a", "2", 0);
  EXPECT_THAT(driver.Take(), IsEmpty());
  driver.Pipe("a", "3", 0);
  EXPECT_THAT(driver.Take(), ElementsAre("a=123@0"));
}

TEST(CountWindow, GoesOnWhereItWasAfterALossOfState) {
  TextDriver driver(Triples);
  driver.Pipe("a", "1", 70);
  driver->CrashAndLoseState();
  driver.Pipe("a", "2", 0);
  driver->Restart();
  driver.Pipe("a", "3", 0);
  EXPECT_THAT(driver.Take(), ElementsAre("a=123@70"));
  EXPECT_THAT((driver->ReadStore<Text, Bytes>("triples")), IsEmpty());
}

TEST(CountWindow, OfOneRecordLetsEachOut) {
  TextDriver driver([](auto& flow) {
    flow.From(kIn)
        .GroupByKey()
        .Window(CountWindow{.size = 1})
        .Reduce("ones", [](const Text& sum, const Text& value) { return sum + value; })
        .To(kOut);
  });
  driver.Pipe("a", "1", 0);
  driver.Pipe("a", "2", 0);
  EXPECT_THAT(driver.Take(), ElementsAre("a=1@0", "a=2@0"));
}

TEST(CountWindow, OfNothingIsRefused) {
  EXPECT_THAT(Refusal([](auto& flow) {
                flow.From(kIn)
                    .GroupByKey()
                    .Window(CountWindow{.size = 0})
                    .Reduce("none", [](const Text& sum, const Text&) { return sum; });
              }),
              HasSubstr("step \"none\" has windows of 0 records"));
}

}  // namespace
}  // namespace millrace::verbs_test
