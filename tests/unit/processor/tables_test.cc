#include <string>

#include "fake_context.h"
#include "millrace/detail/functions.h"

namespace millrace::detail {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using NumberTask = FakeTask<std::string, int64_t>;
using TextTask = FakeTask<std::string, std::string>;

Predicate AtLeast50() {
  return ErasePredicate<std::string, int64_t>([](int64_t value) { return value >= 50; });
}

ValueMapper ToText() {
  return EraseMapper<std::string, int64_t>(
      [](int64_t value) { return "number " + std::to_string(value); });
}

TEST(TableSource, ForwardsEveryUpdateAndTombstone) {
  NumberTask task;
  FakeKeyValueStore* store = task.AddStore<std::string, int64_t>("table");
  task.Start(MakeTableSource(TableIn("table")));
  task.Pipe("a", Number(1), 100);
  task.Pipe("a", Number(1), 100);
  task.Pipe("a", Number(2), 50, kNullNumber, {{"h", "1"}});
  task.Pipe("b", kNullNumber, 60);
  EXPECT_THAT(task.Take(), ElementsAre("a=1@100", "a=1@100", "a=2@50 #h", "b=null@60"));
  const std::string key = "a";
  EXPECT_EQ(store->Get(&key).timestamp, TimestampFromMillis(50)) << "arrival order decides";
}

TEST(TableSource, DropsNullKeys) {
  NumberTask task;
  task.AddStore<std::string, int64_t>("table");
  task.Start(MakeTableSource(TableIn("table")));
  task.Pipe(std::nullopt, Number(1), 1);
  EXPECT_THAT(task.Take(), IsEmpty());
  EXPECT_EQ(task.dropped(Drop::kNullKey), 1);
}

TEST(TableSource, SendsTheRowBeforeWhenAskedTo) {
  NumberTask task;
  task.AddStore<std::string, int64_t>("table");
  task.Start(MakeTableSource(TableIn("table", true)));
  task.Pipe("a", Number(1), 1);
  task.Pipe("a", Number(2), 2);
  task.Pipe("a", kNullNumber, 3);
  task.Pipe("a", kNullNumber, 4);
  task.Pipe("a", Number(5), 5);
  EXPECT_THAT(task.Take(),
              ElementsAre("a=1@1", "a=2@2 was 1", "a=null@3 was 2", "a=null@4", "a=5@5"));
}

TEST(TableSource, WithoutAStoreForwardsOnly) {
  NumberTask task;
  task.Start(MakeTableSource(TableIn("")));
  task.Pipe("a", Number(1), 1);
  task.Pipe("a", Number(2), 2);
  EXPECT_THAT(task.Take(), ElementsAre("a=1@1", "a=2@2"));
}

TEST(TableFilterView, MakesATombstoneOnlyOfARowThatDidMatch) {
  NumberTask task;
  task.Start(MakeTableFilter(AtLeast50(), false, TableIn("", true)));
  task.Pipe("a", Number(10), 1);
  task.Pipe("a", Number(60), 2, Number(10));
  task.Pipe("a", Number(20), 3, Number(60));
  task.Pipe("a", Number(30), 4, Number(20));
  task.Pipe("a", kNullNumber, 5, Number(30));
  EXPECT_THAT(task.Take(), ElementsAre("a=60@2", "a=null@3 was 60"));
}

TEST(TableFilterView, ThatKnowsNoOldRowMakesATombstoneOfEveryMismatch) {
  NumberTask task;
  task.Start(MakeTableFilter(AtLeast50(), false, TableIn("")));
  task.Pipe("a", Number(10), 1);
  task.Pipe("a", Number(60), 2);
  task.Pipe("a", kNullNumber, 3);
  EXPECT_THAT(task.Take(), ElementsAre("a=null@1", "a=60@2", "a=null@3"));
}

TEST(TableFilterView, NegatedDoesNotPassTombstonesAsRows) {
  NumberTask task;
  task.Start(MakeTableFilter(AtLeast50(), true, TableIn("", true)));
  task.Pipe("a", kNullNumber, 1);
  task.Pipe("a", Number(10), 2);
  task.Pipe("a", kNullNumber, 3, Number(10));
  EXPECT_THAT(task.Take(), ElementsAre("a=10@2", "a=null@3 was 10"));
}

TEST(TableFilterView, OfACountSeesTheZeroBeforeTheFirst) {
  NumberTask task;
  const Predicate even =
      ErasePredicate<std::string, int64_t>([](int64_t value) { return value % 2 == 0; });
  task.Start(MakeTableFilter(even, false, TableIn("", true)));
  task.Pipe("a", Number(1), 1, Number(0));
  EXPECT_THAT(task.Take(), ElementsAre("a=null@1 was 0"));
}

TEST(TableFilterStore, KeepsTheRowsThatMatch) {
  NumberTask task;
  FakeKeyValueStore* store = task.AddStore<std::string, int64_t>("high");
  task.Start(MakeTableFilter(AtLeast50(), false, TableIn("high", true)));
  task.Pipe("a", Number(10), 1);
  EXPECT_EQ(store->writes(), 0) << "nothing to delete";
  task.Pipe("a", Number(60), 2);
  task.Pipe("a", Number(70), 3);
  task.Pipe("a", Number(20), 4);
  task.Pipe("a", Number(30), 5);
  EXPECT_THAT(task.Take(), ElementsAre("a=60@2", "a=70@3 was 60", "a=null@4 was 70"));
  EXPECT_TRUE(store->empty());
}

TEST(TableFilterStore, BelowATableThatIsNotKeptMakesATombstoneOfEveryMismatch) {
  NumberTask task;
  task.AddStore<std::string, int64_t>("high");
  task.Start(MakeTableFilter(AtLeast50(), false, TableIn("high")));
  task.Pipe("a", Number(10), 1);
  task.Pipe("a", Number(60), 2);
  EXPECT_THAT(task.Take(), ElementsAre("a=null@1", "a=60@2"));
}

TEST(TableMapValuesView, MapsTheRowBeforeToo) {
  TextTask task;
  task.Start(MakeTableMapValues(ToText(), TableIn("", true)));
  task.Pipe("a", Number(1), 1);
  task.Pipe("a", Number(2), 2, Number(1));
  task.Pipe("a", kNullNumber, 3, Number(2));
  EXPECT_THAT(task.Take(),
              ElementsAre("a=number 1@1", "a=number 2@2 was number 1", "a=null@3 was number 2"));
}

TEST(TableMapValuesView, DoesNotCallTheFunctionForTombstones) {
  TextTask task;
  task.Start(MakeTableMapValues(EraseMapper<std::string, int64_t>([](const int64_t* value) {
                                  return value == nullptr ? "called" : "row";
                                }),
                                TableIn("")));
  task.Pipe("a", kNullNumber, 1);
  EXPECT_THAT(task.Take(), ElementsAre("a=null@1"));
}

TEST(TableMapValuesStore, KeepsTheMappedRows) {
  TextTask task;
  FakeKeyValueStore* store = task.AddStore<std::string, std::string>("mapped");
  task.Start(MakeTableMapValues(ToText(), TableIn("mapped", true)));
  task.Pipe("a", Number(1), 1);
  task.Pipe("a", Number(2), 2);
  task.Pipe("a", kNullNumber, 3);
  EXPECT_THAT(task.Take(),
              ElementsAre("a=number 1@1", "a=number 2@2 was number 1", "a=null@3 was number 2"));
  EXPECT_TRUE(store->empty());
}

TEST(ToStream, ForgetsTheRowBefore) {
  NumberTask task;
  task.Start(MakeToStream());
  task.Pipe("a", Number(2), 2, Number(1), {{"h", "1"}});
  task.Pipe("a", kNullNumber, 3, Number(2));
  EXPECT_THAT(task.Take(), ElementsAre("a=2@2 #h", "a=null@3"));
}

TEST(EnableOldValues, OfAKeptTableAsksNoOneElse) {
  const auto source = TableIn("source");
  const auto view = TableIn("view", false, {source});
  EXPECT_TRUE(EnableOldValues(view.get()));
  EXPECT_TRUE(view->send_old_values);
  EXPECT_FALSE(source->send_old_values);
}

TEST(EnableOldValues, OfAViewReachesTheNearestStore) {
  const auto source = TableIn("source");
  const auto inner = TableIn("", false, {source});
  const auto outer = TableIn("", false, {inner});
  EXPECT_TRUE(EnableOldValues(outer.get()));
  EXPECT_TRUE(outer->send_old_values);
  EXPECT_TRUE(inner->send_old_values);
  EXPECT_TRUE(source->send_old_values);
}

TEST(EnableOldValues, RefusesWhereNoTableIsKept) {
  const auto source = TableIn("");
  const auto view = TableIn("", false, {source});
  EXPECT_FALSE(EnableOldValues(view.get()));
  EXPECT_FALSE(view->send_old_values);
}

}  // namespace
}  // namespace millrace::detail
