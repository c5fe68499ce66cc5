// Joins of tables on the TopologyDriver: what recorded runs of one partition do not show.
#include <string>

#include "table_flows.h"

namespace millrace::verbs_test {
namespace {

using testing::Pair;
using testing::UnorderedElementsAre;

Text Or(const Text* value) { return value == nullptr ? "-" : *value; }
Text Both(const Text& left, const Text& right) { return left + right; }
Text Either(const Text* left, const Text* right) { return Or(left) + Or(right); }

TEST(TableJoin, RowsMeetInEveryPartitionAndAfterALossOfAllState) {
  TopologyBuilder flow("joins");
  flow.TableFrom(kLeft, "left-rows")
      .OuterJoin("joined", flow.TableFrom(kRight, "right-rows"), Either)
      .ToStream()
      .To(kOut);
  TopologyDriver driver(std::move(flow).Build().value(), {.partitions = 4});
  for (const char* key : {"a", "b", "c", "d", "e"}) driver.Pipe(kLeft, key, "x");
  driver.CrashAndLoseState();
  for (const char* key : {"d", "e", "f"}) driver.Pipe(kRight, key, "y");
  driver.Pipe(kLeft, "e", std::nullopt);
  EXPECT_THAT(Latest(&driver),
              UnorderedElementsAre(Pair("a", "x-"), Pair("b", "x-"), Pair("c", "x-"),
                                   Pair("d", "xy"), Pair("e", "-y"), Pair("f", "-y")));
}

TEST(TableJoin, AViewIsReadThroughTheTwoTablesBehindIt) {
  TopologyBuilder flow("joins");
  const auto view =
      flow.TableFrom(kLeft, "left-rows")
          .LeftJoin(flow.TableFrom(kRight, "right-rows"),
                    [](const Text& left, const Text* right) { return left + Or(right); });
  flow.From(Topic<Text, Text>("in")).Join(view, Both).To(kOut);
  TopologyDriver driver(std::move(flow).Build().value());
  const Topic<Text, Text> in("in");
  driver.Pipe(in, "k", "1", At(1));
  driver.Pipe(kLeft, "k", "x", At(2));
  driver.Pipe(in, "k", "2", At(3));
  driver.Pipe(kRight, "k", "y", At(4));
  driver.Pipe(in, "k", "3", At(5));
  EXPECT_THAT(Updates(&driver, kOut), ElementsAre("k=2x-@3", "k=3xy@5"));
}

Text Shout(const Text& value) { return value + "!"; }
KeyValue<Text, Text> ByValue(const Text& value) { return {value, value}; }

TEST(TableJoin, ATableThatMeetsAViewOfItselfKnowsTheRowBeforeIfItIsKept) {
  TopologyBuilder flow("joins");
  const auto rows = flow.TableFrom(kLeft, "left-rows");
  rows.Join("joined", rows.MapValues(Shout), Both).GroupBy("by-value", ByValue).Count("counts");
  TopologyDriver driver(std::move(flow).Build().value());
  driver.Pipe(kLeft, "k", "x", At(1));
  driver.Pipe(kLeft, "k", "y", At(2));
  using Row = StoreRow<Text, int64_t>;
  EXPECT_THAT((driver.ReadStore<Text, int64_t>("counts")),
              UnorderedElementsAre(Row{"xx!", 0, At(2)}, Row{"yy!", 1, At(2)}));
}

TEST(TableJoin, AViewInWhichATableMeetsItselfCannotBeGrouped) {
  TopologyBuilder flow("joins");
  const auto rows = flow.TableFrom(kLeft, "left-rows");
  const auto kept = rows.MapValues("shouts", Shout);
  rows.Join(kept, Both).GroupBy("by-value", ByValue).Count("counts");
  const absl::StatusOr<Topology> topology = std::move(flow).Build();
  EXPECT_THAT(std::string(topology.status().message()),
              HasSubstr("which is kept in no store; give the table a store"));
}

TEST(TableJoin, AKeptJoinHandsItsOldRowsToAGroup) {
  TopologyBuilder flow("joins");
  flow.TableFrom(kLeft, "left-rows")
      .OuterJoin("joined", flow.TableFrom(kRight, "right-rows"), Either)
      .GroupBy("by-value",
               [](const Text& value) {
                 return KeyValue{value, value};
               })
      .Count("counts")
      .ToStream()
      .To(kCounts);
  TopologyDriver driver(std::move(flow).Build().value());
  driver.Pipe(kLeft, "k", "x", At(1));
  driver.Pipe(kRight, "k", "y", At(2));
  driver.Pipe(kLeft, "k", std::nullopt, At(3));
  driver.Pipe(kRight, "k", std::nullopt, At(4));
  EXPECT_THAT(Updates(&driver, kCounts),
              ElementsAre("x-=1@1", "x-=0@2", "xy=1@2", "xy=0@3", "-y=1@3", "-y=0@4"));
}

TEST(TableJoin, ADeletionThatEndsNothingMakesNothing) {
  TopologyBuilder flow("joins");
  flow.TableFrom(kLeft, "left-rows")
      .OuterJoin(flow.TableFrom(kRight, "right-rows"), Either)
      .ToStream()
      .To(kOut);
  TopologyDriver driver(std::move(flow).Build().value());
  driver.Pipe(kLeft, "k", std::nullopt, At(1));
  driver.Pipe(kRight, "k", std::nullopt, At(2));
  EXPECT_THAT(Updates(&driver, kOut), IsEmpty());
}

TEST(TableJoin, TopicsOfDifferentWidthsAreRefused) {
  TopologyBuilder flow("joins");
  const auto wide = flow.From(kLeft).Repartition("wide", {.partitions = 4}).ToTable("wide-rows");
  const auto narrow =
      flow.From(kRight).Repartition("narrow", {.partitions = 2}).ToTable("narrow-rows");
  wide.Join("joined", narrow, Both);
  const absl::StatusOr<Topology> topology = std::move(flow).Build();
  EXPECT_THAT(std::string(topology.status().message()),
              HasSubstr("step \"joined\" needs equal partition counts, but repartition "
                        "\"wide\" has 4 and \"narrow\" has 2"));
}

}  // namespace
}  // namespace millrace::verbs_test
