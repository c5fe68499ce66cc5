// Foreign-key joins on the TopologyDriver: what recorded runs of one partition do not show.
#include <optional>
#include <string>

#include "table_flows.h"

namespace millrace::verbs_test {
namespace {

using testing::Pair;
using testing::UnorderedElementsAre;

// A row is "name of the other row:rest"; "-" names none.
MaybeText Named(const Text& row) {
  const Text name = row.substr(0, row.find(':'));
  return name == "-" ? MaybeText() : name;
}
Text Both(const Text& left, const Text& right) { return left + "|" + right; }
Text BothOrOne(const Text& left, const Text* right) { return left + "|" + TextOr(right); }

Topology Inner() {
  TopologyBuilder flow("orders");
  flow.TableFrom(kLeft, "left-rows")
      .Join("fk", "joined", flow.TableFrom(kRight, "right-rows"), Named, Both)
      .ToStream()
      .To(kOut);
  return std::move(flow).Build().value();
}

TEST(ForeignKeyJoin, RowsMeetAcrossPartitionsAndAfterALossOfAllState) {
  TopologyDriver driver(Inner(), {.partitions = 4});
  for (int i = 0; i < 12; ++i) {
    driver.Pipe(kLeft, "row-" + std::to_string(i), "r" + std::to_string(i % 3) + ":x");
  }
  driver.Pipe(kRight, "r0", "zero");
  driver.CrashAndLoseState();
  driver.Pipe(kRight, "r1", "one");
  driver.Pipe(kLeft, "row-0", "r1:moved");
  driver.Pipe(kLeft, "row-1", "-:nowhere");
  driver.Pipe(kLeft, "row-3", "r2:unmatched");
  driver.Pipe(kLeft, "row-4", std::nullopt);
  driver.Pipe(kRight, "r1", "ONE");
  EXPECT_THAT(Latest(&driver),
              UnorderedElementsAre(Pair("row-0", "r1:moved|ONE"), Pair("row-6", "r0:x|zero"),
                                   Pair("row-7", "r1:x|ONE"), Pair("row-9", "r0:x|zero"),
                                   Pair("row-10", "r1:x|ONE")));
}

// The right table's rows lie where their last digit says, not where the hash of their keys does.
TEST(ForeignKeyJoin, AsksInThePartitionThatItsPartitionerNames) {
  const auto by_digit = [](const Text& key, int32_t partitions) {
    return PartitionId((key.back() - '0') % partitions);
  };
  for (const bool told : {true, false}) {
    TopologyBuilder flow("orders");
    const auto right = flow.TableFrom(kRight, "right-rows");
    ForeignKeyOptions<Text> how;
    if (told) how.partitioner = by_digit;
    flow.TableFrom(kLeft, "left-rows").Join("fk", right, Named, Both, how).ToStream().To(kOut);
    TopologyDriver driver(std::move(flow).Build().value(), {.partitions = 4});
    for (const Text right_key : {"r0", "r1", "r2", "r3"}) {
      driver.PipeBytes(kRight.name(), right_key, "right", At(1), Headers::Empty(),
                       by_digit(right_key, 4));
      driver.Pipe(kLeft, "row-" + right_key, right_key + ":x", At(2));
    }
    driver.Pipe(kLeft, "row-none", "-:x", At(2));
    const size_t found = Latest(&driver).size();
    EXPECT_EQ(found == 4, told) << found;
  }
}

TEST(ForeignKeyJoin, ALeftJoinShowsRowsThatNameNothing) {
  TopologyBuilder flow("orders");
  flow.TableFrom(kLeft, "left-rows")
      .LeftJoin("fk", flow.TableFrom(kRight, "right-rows"), Named, BothOrOne)
      .ToStream()
      .To(kOut);
  TopologyDriver driver(std::move(flow).Build().value(), {.partitions = 3});
  driver.Pipe(kLeft, "a", "-:x", At(1));
  driver.Pipe(kLeft, "a", "r:x", At(2));
  driver.Pipe(kRight, "r", "y", At(3));
  driver.Pipe(kRight, "r", std::nullopt, At(2));
  driver.Pipe(kLeft, "a", std::nullopt, At(5));
  driver.Pipe(kLeft, "a", std::nullopt, At(6));
  EXPECT_THAT(Updates(&driver, kOut),
              ElementsAre("a=-:x|-@1", "a=r:x|-@2", "a=r:x|y@3", "a=r:x|-@2", "a=null@5"));
}

TEST(ForeignKeyJoin, ATableMayNameRowsOfItsOwn) {
  TopologyBuilder flow("staff");
  const auto staff = flow.TableFrom(kLeft, "staff");
  staff.LeftJoin("managers", staff, Named, BothOrOne).ToStream().To(kOut);
  TopologyDriver driver(std::move(flow).Build().value(), {.partitions = 2});
  driver.Pipe(kLeft, "ann", "bob:engineer");
  driver.Pipe(kLeft, "bob", "-:manager");
  EXPECT_THAT(Latest(&driver), UnorderedElementsAre(Pair("ann", "bob:engineer|-:manager"),
                                                    Pair("bob", "-:manager|-")));
}

TEST(ForeignKeyJoin, TablesMayHaveDifferentPartitionCounts) {
  TopologyBuilder flow("orders");
  const auto rows = flow.From(kLeft).Repartition("wide", {.partitions = 5}).ToTable("left-rows");
  rows.Join("fk", flow.TableFrom(kRight, "right-rows"), Named, Both).ToStream().To(kOut);
  TopologyDriver driver(std::move(flow).Build().value(), {.partitions = 2});
  for (int i = 0; i < 10; ++i) driver.Pipe(kLeft, "row-" + std::to_string(i), "r:x");
  driver.Pipe(kRight, "r", "y");
  EXPECT_EQ(Latest(&driver).size(), 10u);
}

TEST(ForeignKeyJoin, NamesItsTopicsAndItsStore) {
  const Text described = Inner().Describe();
  EXPECT_THAT(described, HasSubstr("(topic: fk-subscription-repartition)"));
  EXPECT_THAT(described, HasSubstr("(topic: fk-response-repartition)"));
  EXPECT_THAT(described, HasSubstr("Processor: fk-foreign-update (stores: [fk-subscriptions])\n"));
  EXPECT_THAT(described, HasSubstr("Processor: joined (stores: [joined])\n"));
}

TEST(ForeignKeyJoin, ATableThatIsKeptNowhereIsRefused) {
  const Text refusal = Refusal([](TopologyBuilder& flow) {
    flow.TableFrom(kLeft).Join("fk", flow.TableFrom(kRight), Named, Both);
  });
  EXPECT_THAT(refusal,
              HasSubstr("Join \"fk\" looks into the table \"table-1\", which is kept in no "
                        "store; give the table a store"));
}

}  // namespace
}  // namespace millrace::verbs_test
