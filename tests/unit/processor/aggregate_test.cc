#include <optional>
#include <stdexcept>
#include <string>

#include "fake_context.h"
#include "millrace/detail/fold_functions.h"

namespace millrace::detail {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::optional<std::string> AppendUnlessDel(const std::string& before, const std::string& value) {
  if (value == "del") return std::nullopt;
  return before + value;
}

Aggregation AppendingAggregation() {
  return FoldAggregation<std::string, std::string>(std::string(), AppendUnlessDel);
}

Aggregation ReducingAggregation() {
  return ReduceAggregation<std::string, std::string>(
      [](const std::string& before, const std::string& value) -> std::optional<std::string> {
        if (value == "0") return std::nullopt;
        return before + "," + value;
      });
}

class TextAggregate : public testing::Test {
 protected:
  void Start(Aggregation aggregation, bool send_old_values = false) {
    store_ = task_.AddStore<std::string, std::string>("agg");
    task_.Start(MakeAggregate(std::move(aggregation), TableIn("agg", send_old_values)));
  }
  FakeTask<std::string, std::string> task_;
  FakeKeyValueStore* store_ = nullptr;
};

TEST(Count, CountsEachKeyAndEmitsEveryUpdate) {
  FakeTask<std::string, int64_t> task;
  task.AddStore<std::string, int64_t>("counts");
  task.Start(MakeAggregate(CountAggregation(), TableIn("counts")));
  task.Pipe("a", Text("x"), 1000);
  task.Pipe("b", Text("x"), 1100);
  task.Pipe("a", Text("y"), 1200, kNullText, {{"h", "1"}});
  EXPECT_THAT(task.Take(), ElementsAre("a=1@1000", "b=1@1100", "a=2@1200 #h"));
}

TEST(Count, DropsNullKeysAndNullValues) {
  FakeTask<std::string, int64_t> task;
  task.AddStore<std::string, int64_t>("counts");
  task.Start(MakeAggregate(CountAggregation(), TableIn("counts")));
  task.Pipe(std::nullopt, Text("x"), 1);
  task.Pipe("a", kNullText, 2);
  EXPECT_THAT(task.Take(), IsEmpty());
  EXPECT_EQ(task.dropped(Drop::kNullKey), 1);
  EXPECT_EQ(task.dropped(Drop::kNullValue), 1);
}

TEST(Count, KeepsTheHighestTimestampOfTheKey) {
  FakeTask<std::string, int64_t> task;
  task.AddStore<std::string, int64_t>("counts");
  task.Start(MakeAggregate(CountAggregation(), TableIn("counts")));
  task.Pipe("a", Text("x"), 1000);
  task.Pipe("a", Text("x"), 400);
  EXPECT_THAT(task.Take(), ElementsAre("a=1@1000", "a=2@1000"));
}

TEST(Count, OfANewKeyWasZero) {
  FakeTask<std::string, int64_t> task;
  task.AddStore<std::string, int64_t>("counts");
  task.Start(MakeAggregate(CountAggregation(), TableIn("counts", true)));
  task.Pipe("a", Text("x"), 1);
  task.Pipe("a", Text("x"), 2);
  EXPECT_THAT(task.Take(), ElementsAre("a=1@1 was 0", "a=2@2 was 1"));
}

TEST_F(TextAggregate, SendsTheRowBeforeWhenAskedTo) {
  Start(AppendingAggregation(), true);
  task_.Pipe("a", Text("one, which is too long to lie in the string itself; "), 1);
  task_.Pipe("a", Text("two"), 2);
  task_.Pipe("a", Text("del"), 3);
  task_.Pipe("a", Text("new"), 4);
  EXPECT_THAT(
      task_.Take(),
      ElementsAre(
          "a=one, which is too long to lie in the string itself; @1 was ",
          "a=one, which is too long to lie in the string itself; two@2 was one, which is too long "
          "to lie in the string itself; ",
          "a=null@3 was one, which is too long to lie in the string itself; two", "a=new@4 was "));
}

TEST_F(TextAggregate, DeletesTheRowOnANullResultAndSaysSo) {
  Start(AppendingAggregation());
  task_.Pipe("a", Text("x"), 1000);
  task_.Pipe("a", Text("del"), 500);
  EXPECT_THAT(task_.Take(), ElementsAre("a=x@1000", "a=null@1000"));
  EXPECT_TRUE(store_->empty());
}

TEST_F(TextAggregate, ForwardsATombstoneEvenIfThereWasNoRow) {
  Start(AppendingAggregation());
  task_.Pipe("a", Text("del"), 5);
  EXPECT_THAT(task_.Take(), ElementsAre("a=null@5"));
}

TEST_F(TextAggregate, TakesTheRecordsTimestampAfterADelete) {
  Start(AppendingAggregation());
  task_.Pipe("a", Text("x"), 1000);
  task_.Pipe("a", Text("del"), 1100);
  task_.Pipe("a", Text("y"), 300);
  EXPECT_THAT(task_.Take(), ElementsAre("a=x@1000", "a=null@1100", "a=y@300"));
}

TEST_F(TextAggregate, MayStartFromNull) {
  Start(FoldAggregation<std::string, std::string>(
      std::optional<std::string>(), [](const std::string* before, const std::string& value) {
        return (before == nullptr ? "null" : *before) + value;
      }));
  task_.Pipe("a", Text("x"), 1);
  task_.Pipe("a", Text("y"), 2);
  EXPECT_THAT(task_.Take(), ElementsAre("a=nullx@1", "a=nullxy@2"));
}

TEST_F(TextAggregate, FoldsInPlaceWithoutTouchingTheRowBefore) {
  Start(FoldAggregation<std::string, std::string>(
            std::string("^"),
            [](std::string& aggregate, const std::string& value) { aggregate += value; }),
        true);
  task_.Pipe("a", Text("x"), 1);
  task_.Pipe("b", Text("y"), 2);
  task_.Pipe("a", Text("z"), 3);
  EXPECT_THAT(task_.Take(), ElementsAre("a=^x@1 was ^", "b=^y@2 was ^", "a=^xz@3 was ^x"));
}

TEST_F(TextAggregate, CallsAnInitialFunctionOncePerNewRow) {
  Start(FoldAggregation<std::string, std::string>([] { return std::string("init:"); },
                                                  AppendUnlessDel),
        true);
  task_.Pipe("a", Text("x"), 1);
  task_.Pipe("a", Text("y"), 2);
  EXPECT_THAT(task_.Take(), ElementsAre("a=init:x@1 was init:", "a=init:xy@2 was init:x"));
}

TEST_F(TextAggregate, ReduceTakesTheFirstValueAsItIs) {
  Start(ReducingAggregation(), true);
  task_.Pipe("a", Text("1"), 1);
  task_.Pipe("a", Text("2"), 2);
  EXPECT_THAT(task_.Take(), ElementsAre("a=1@1", "a=1,2@2 was 1"));
}

TEST_F(TextAggregate, ReduceStartsAnewAfterANullResult) {
  Start(ReducingAggregation());
  task_.Pipe("a", Text("1"), 1);
  task_.Pipe("a", Text("0"), 2);
  task_.Pipe("a", Text("0"), 3);
  EXPECT_THAT(task_.Take(), ElementsAre("a=1@1", "a=null@2", "a=0@3"));
}

TEST_F(TextAggregate, IsUntouchedByAFunctionThatThrows) {
  Start(FoldAggregation<std::string, std::string>(
      std::string(), [](std::string& aggregate, const std::string& value) {
        aggregate += value;
        if (value == "boom") RaisePoison("boom");
      }));
  task_.Pipe("a", Text("x"), 1);
  EXPECT_THROW(task_.Pipe("a", Text("boom"), 2), std::invalid_argument);
  EXPECT_THROW(task_.Pipe("b", Text("boom"), 3), std::invalid_argument);
  task_.Pipe("a", Text("y"), 1);
  EXPECT_THAT(task_.Take(), ElementsAre("a=x@1", "a=xy@1"));
  EXPECT_EQ(store_->writes(), 2);
}

}  // namespace
}  // namespace millrace::detail
