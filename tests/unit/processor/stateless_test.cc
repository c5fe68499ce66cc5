#include <string>
#include <vector>

#include "fake_context.h"
#include "millrace/detail/functions.h"

namespace millrace::detail {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using TextTask = FakeTask<std::string, std::string>;

Predicate StartsWithA() {
  return ErasePredicate<std::string, std::string>(
      [](const std::string& value) { return value.starts_with("a"); });
}

TEST(Filter, PassesOnWhatMatches) {
  TextTask task;
  task.Start(MakeFilter(StartsWithA(), false));
  task.Pipe("k", Text("apple"), 1);
  task.Pipe("k", Text("pear"), 2);
  task.Pipe("k", kNullText, 3);
  task.Pipe(std::nullopt, Text("ape"), 4);
  EXPECT_THAT(task.Take(), ElementsAre("k=apple@1", "null=ape@4"));
}

TEST(Filter, NegatedPassesOnNullsToo) {
  TextTask task;
  task.Start(MakeFilter(StartsWithA(), true));
  task.Pipe("k", Text("apple"), 1);
  task.Pipe("k", Text("pear"), 2);
  task.Pipe("k", kNullText, 3);
  EXPECT_THAT(task.Take(), ElementsAre("k=pear@2", "k=null@3"));
}

TEST(MapValues, KeepsKeyTimestampAndHeaders) {
  TextTask task;
  task.Start(MakeMapValues(EraseMapper<std::string, std::string>(
      [](const std::string* value) { return value == nullptr ? "none" : *value + "!"; })));
  const Headers headers = {{"h", "1"}, {"h", std::nullopt}};
  task.Pipe("k", Text("v"), 7, kNullText, headers);
  task.Pipe(std::nullopt, kNullText, 8);
  EXPECT_THAT(task.Take(), ElementsAre("k=v!@7 #h #h", "null=none@8"));
}

TEST(MapValues, MakesNullOfNullForAFunctionOfReferences) {
  TextTask task;
  task.Start(MakeMapValues(
      EraseMapper<std::string, std::string>([](const std::string& value) { return value + "!"; })));
  task.Pipe("k", kNullText, 1);
  EXPECT_THAT(task.Take(), ElementsAre("k=null@1"));
}

TEST(MapValues, MayChangeTheType) {
  FakeTask<std::string, int64_t> task;
  task.Start(MakeMapValues(EraseMapper<std::string, std::string>(
      [](const std::string& value) { return static_cast<int64_t>(value.size()); })));
  task.Pipe("k", Text("four"), 1);
  EXPECT_THAT(task.Take(), ElementsAre("k=4@1"));
}

TEST(FlatMapValues, PassesOnEachResultInOrder) {
  TextTask task;
  task.Start(MakeMapValues(
      EraseFlatMapper<std::string, std::string, Emit<std::string>, ValueMapper, ValueSink>(
          [](const std::string& value, Emit<std::string>& emit) {
            for (const char letter : value) emit(std::string(1, letter));
          })));
  task.Pipe("k", Text("abc"), 5);
  task.Pipe("k", Text(""), 6);
  task.Pipe("k", kNullText, 7);
  EXPECT_THAT(task.Take(), ElementsAre("k=a@5", "k=b@5", "k=c@5"));
}

TEST(SelectKey, KeepsTheValueAndMayMakeANullKey) {
  TextTask task;
  task.Start(MakeSelectKey(EraseMapper<std::string, std::string>(
      [](const std::string& value) -> std::optional<std::string> {
        if (value.empty()) return std::nullopt;
        return value.substr(0, 1);
      })));
  task.Pipe("k", Text("pear"), 1);
  task.Pipe("k", Text(""), 2);
  task.Pipe("k", kNullText, 3);
  EXPECT_THAT(task.Take(), ElementsAre("p=pear@1", "null=@2", "null=null@3"));
}

TEST(Map, MayMakeNullsOfBothParts) {
  TextTask task;
  using Swapped = KeyValue<std::optional<std::string>, std::optional<std::string>>;
  task.Start(MakeMap(ErasePairMapper<std::string, std::string>(
      [](const std::string* key, const std::string* value) {
        Swapped swapped;
        if (value != nullptr) swapped.key = *value;
        if (key != nullptr) swapped.value = *key;
        return swapped;
      })));
  task.Pipe("k", Text("v"), 1);
  task.Pipe("k", kNullText, 2);
  task.Pipe(std::nullopt, Text("v"), 3);
  EXPECT_THAT(task.Take(), ElementsAre("v=k@1", "null=k@2", "v=null@3"));
}

TEST(FlatMap, PassesOnEachPairInOrder) {
  TextTask task;
  task.Start(MakeMap(EraseFlatMapper<std::string, std::string, Emit<std::string, std::string>,
                                     PairMapper, PairSink>(
      [](const std::string& key, const std::string& value, Emit<std::string, std::string>& emit) {
        emit(key + "-0", value);
        emit(key + "-1", value);
      })));
  task.Pipe("k", Text("v"), 9);
  task.Pipe("k", kNullText, 10);
  EXPECT_THAT(task.Take(), ElementsAre("k-0=v@9", "k-1=v@9"));
}

TEST(Peek, LooksFirstAndPassesOnEverything) {
  std::vector<std::string> seen;
  TextTask task;
  task.Start(MakePeek(EraseAction<std::string, std::string>(
      [&seen](const std::string& value) { seen.push_back(value); })));
  task.Pipe("k", Text("v"), 1);
  task.Pipe("k", kNullText, 2);
  EXPECT_THAT(seen, ElementsAre("v"));
  EXPECT_THAT(task.Take(), ElementsAre("k=v@1", "k=null@2"));
}

TEST(ForEach, PassesOnNothing) {
  std::vector<std::string> seen;
  TextTask task;
  task.Start(MakeForEach(EraseAction<std::string, std::string>(
      [&seen](const std::string& value) { seen.push_back(value); })));
  task.Pipe("k", Text("v"), 1);
  EXPECT_THAT(seen, ElementsAre("v"));
  EXPECT_THAT(task.Take(), IsEmpty());
}

TEST(PassThrough, ChangesNothing) {
  TextTask task;
  task.Start(MakePassThrough());
  task.Pipe("k", Text("new"), 1, Text("old"), {{"h", "1"}});
  EXPECT_THAT(task.Take(), ElementsAre("k=new@1 was old #h"));
}

TEST(Split, TakesTheFirstBranchThatMatches) {
  TextTask task;
  const Predicate is_long = ErasePredicate<std::string, std::string>(
      [](const std::string& value) { return value.size() > 4; });
  task.Start(MakeSplit({StartsWithA(), is_long, nullptr}, {"a", "long", "rest"}));
  task.Pipe("k", Text("aardvark"), 1);
  task.Pipe("k", Text("zebra"), 2);
  task.Pipe("k", Text("cat"), 3);
  task.Pipe("k", kNullText, 4);
  EXPECT_THAT(task.Take(),
              ElementsAre("a: k=aardvark@1", "long: k=zebra@2", "rest: k=cat@3", "rest: k=null@4"));
}

TEST(Split, DropsWhatMatchesNoBranch) {
  TextTask task;
  task.Start(MakeSplit({StartsWithA()}, {"a"}));
  task.Pipe("k", Text("cat"), 1);
  EXPECT_THAT(task.Take(), IsEmpty());
}

TEST(Operators, OfTwoTasksShareNoState) {
  const ProcessorFactory factory =
      MakeFilter([calls = 0](const ErasedRecord&) mutable { return ++calls == 1; }, false);
  TextTask first;
  TextTask second;
  first.Start(factory);
  second.Start(factory);
  first.Pipe("k", Text("v"), 1);
  second.Pipe("k", Text("v"), 1);
  EXPECT_THAT(first.Take(), ElementsAre("k=v@1"));
  EXPECT_THAT(second.Take(), ElementsAre("k=v@1"));
}

}  // namespace
}  // namespace millrace::detail
