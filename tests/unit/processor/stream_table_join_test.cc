#include <string>
#include <utility>

#include "fake_context.h"
#include "millrace/detail/functions.h"
#include "millrace/detail/join_functions.h"

namespace millrace::detail {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using JoinTask = FakeTask<std::string, std::string>;

std::string Side(const std::string* text) { return text == nullptr ? "null" : *text; }

template <bool kLeft>
Joiner Pairs() {
  return EraseJoiner<std::string, std::string, std::string, kLeft>(
      [](const std::string& value, const std::string* row) { return value + "|" + Side(row); });
}

std::shared_ptr<TableNode> ReadThrough(TableGetterFactory getter) {
  auto table = std::make_shared<TableNode>();
  table->getter = std::move(getter);
  return table;
}

void Put(FakeKeyValueStore* store, std::string key, std::string value, int64_t timestamp) {
  store->Put(&key, &value, TimestampFromMillis(timestamp));
}

TEST(StreamTableJoin, InnerForwardsOnlyWhatFindsARow) {
  JoinTask task;
  FakeKeyValueStore* store = task.AddStore<std::string, std::string>("table");
  Put(store, "a", "row", 9000);
  task.Start(MakeStreamTableJoin(Pairs<false>(), false, ReadThrough(StoreGetter("table"))));
  task.Pipe("a", Text("x"), 10, kNullText, {{"h", "1"}});
  task.Pipe("b", Text("y"), 20);
  EXPECT_THAT(task.Take(), ElementsAre("a=x|row@10 #h"));
}

TEST(StreamTableJoin, InnerDropsNullKeysAndNullValues) {
  JoinTask task;
  task.AddStore<std::string, std::string>("table");
  task.Start(MakeStreamTableJoin(Pairs<false>(), false, ReadThrough(StoreGetter("table"))));
  task.Pipe(std::nullopt, Text("x"), 1);
  task.Pipe("a", kNullText, 2);
  EXPECT_THAT(task.Take(), IsEmpty());
  EXPECT_EQ(task.dropped(Drop::kNullKey), 1);
  EXPECT_EQ(task.dropped(Drop::kNullValue), 1);
}

TEST(StreamTableJoin, LeftForwardsWhatFindsNoneAndNullKeys) {
  JoinTask task;
  FakeKeyValueStore* store = task.AddStore<std::string, std::string>("table");
  Put(store, "a", "row", 1);
  task.Start(MakeStreamTableJoin(Pairs<true>(), true, ReadThrough(StoreGetter("table"))));
  task.Pipe("a", Text("x"), 1);
  task.Pipe("b", Text("y"), 2);
  task.Pipe(std::nullopt, Text("z"), 3);
  task.Pipe("a", kNullText, 4);
  EXPECT_THAT(task.Take(), ElementsAre("a=x|row@1", "b=y|null@2", "null=z|null@3"));
  EXPECT_EQ(task.dropped(Drop::kNullValue), 1);
}

TEST(StreamTableJoin, ReadsThroughViews) {
  JoinTask task;
  FakeKeyValueStore* store = task.AddStore<std::string, std::string>("table");
  Put(store, "a", "keep", 1);
  Put(store, "b", "hide", 1);
  const Predicate kept = ErasePredicate<std::string, std::string>(
      [](const std::string& row) { return row == "keep"; });
  const ValueMapper shout =
      EraseMapper<std::string, std::string>([](const std::string& row) { return row + "!"; });
  task.Start(MakeStreamTableJoin(
      Pairs<true>(), true,
      ReadThrough(MapValuesGetter(shout, FilterGetter(kept, false, StoreGetter("table"))))));
  task.Pipe("a", Text("x"), 1);
  task.Pipe("b", Text("y"), 2);
  task.Pipe("c", Text("z"), 3);
  EXPECT_THAT(task.Take(), ElementsAre("a=x|keep!@1", "b=y|null@2", "c=z|null@3"));
}

TEST(FilterGetter, NegatedStillFindsNoAbsentRow) {
  JoinTask task;
  task.AddStore<std::string, std::string>("table");
  const auto never = [](const ErasedRecord&) { return false; };
  task.Start(MakeStreamTableJoin(Pairs<true>(), true,
                                 ReadThrough(FilterGetter(never, true, StoreGetter("table")))));
  task.Pipe("a", Text("x"), 1);
  EXPECT_THAT(task.Take(), ElementsAre("a=x|null@1"));
}

TEST(WindowStoreGetter, ReadsTheRowOfAWindowedKey) {
  JoinTask task;
  FakeWindowStore* store = task.AddWindowStore<std::string, int64_t>("windows");
  const std::string key = "a";
  const int64_t count = 3;
  store->Put(&key, TimestampFromMillis(1000), &count, TimestampFromMillis(1500));
  const auto getter = WindowStoreGetter("windows", WindowedCodecOf<std::string>())();
  getter->Init(&task);
  const Windowed<std::string> there = {key, TimestampFromMillis(1000), TimestampFromMillis(2000)};
  int calls = 0;
  getter->Read(&there, [&](StoredValue row) {
    ++calls;
    ASSERT_NE(row.value, nullptr);
    EXPECT_EQ(*static_cast<const int64_t*>(row.value), 3);
    EXPECT_EQ(row.timestamp, TimestampFromMillis(1500));
  });
  const Windowed<std::string> elsewhere = {key, TimestampFromMillis(0), TimestampFromMillis(1000)};
  getter->Read(&elsewhere, [&](StoredValue row) {
    ++calls;
    EXPECT_EQ(row.value, nullptr);
  });
  EXPECT_EQ(calls, 2);
}

}  // namespace
}  // namespace millrace::detail
