// Which functions the verbs take, what they make of nulls, and what a throw leaves behind.
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "dsl_types.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "millrace/detail/edge_functions.h"
#include "millrace/detail/functions.h"
#include "millrace/detail/join_functions.h"

namespace millrace::dsl_test {
namespace {

using detail::ErasedRecord;
using testing::ElementsAre;
using testing::IsEmpty;

using Key = std::string;
using MaybeText = std::optional<std::string>;

const Key kKey = "k";
const Like kLike{.post = 7, .weight = 3, .liked_at = TimestampFromMillis(50), .channel = "c"};
const ErasedRecord kRecord{&kKey, &kLike, nullptr, TimestampFromMillis(10)};
const ErasedRecord kNoValue{&kKey, nullptr, nullptr, TimestampFromMillis(10)};
const ErasedRecord kNoKey{nullptr, &kLike, nullptr, TimestampFromMillis(10)};

// What a mapper makes of a record; nullopt = null.
template <class V2>
std::vector<std::optional<V2>> Mapped(const detail::ValueMapper& map, const ErasedRecord& record) {
  std::vector<std::optional<V2>> results;
  map(record, [&](const void* value) {
    const V2* typed = static_cast<const V2*>(value);
    results.push_back(typed == nullptr ? std::nullopt : std::optional<V2>(*typed));
  });
  return results;
}

TEST(DslPredicate, ReferencesDoNotMatchNullsAndPointersSeeThem) {
  const auto any_value = detail::ErasePredicate<Key, Like>([](const Like&) { return true; });
  EXPECT_TRUE(any_value(kRecord));
  EXPECT_TRUE(any_value(kNoKey));
  EXPECT_FALSE(any_value(kNoValue));
  const auto any_key =
      detail::ErasePredicate<Key, Like>([](const Key&, const Like*) { return true; });
  EXPECT_TRUE(any_key(kNoValue));
  EXPECT_FALSE(any_key(kNoKey));
  const auto is_null = detail::ErasePredicate<Key, Like>([](const Like* like) { return !like; });
  EXPECT_FALSE(is_null(kRecord));
  EXPECT_TRUE(is_null(kNoValue));
}

TEST(DslMapper, TakesValuesKeysAndMembers) {
  EXPECT_THAT(Mapped<int64_t>(detail::EraseMapper<Key, Like>(&Like::weight), kRecord),
              ElementsAre(3));
  const auto both = [](const Key& key, const Like& like) { return key + like.channel; };
  EXPECT_THAT(Mapped<std::string>(detail::EraseMapper<Key, Like>(both), kRecord),
              ElementsAre(MaybeText("kc")));
}

TEST(DslMapper, MakesNullOfNullUnlessItTakesAPointer) {
  EXPECT_THAT(Mapped<int64_t>(detail::EraseMapper<Key, Like>(&Like::weight), kNoValue),
              ElementsAre(std::nullopt));
  const auto seen = [](const Like* like) { return std::string(like ? "value" : "null"); };
  EXPECT_THAT(Mapped<std::string>(detail::EraseMapper<Key, Like>(seen), kNoValue),
              ElementsAre(MaybeText("null")));
}

TEST(DslMapper, NulloptIsNull) {
  const auto none = [](const Like&) -> MaybeText { return std::nullopt; };
  EXPECT_THAT(Mapped<std::string>(detail::EraseMapper<Key, Like>(none), kRecord),
              ElementsAre(std::nullopt));
}

TEST(DslMapper, ANullKeyThatTheFunctionDoesNotTakeIsPoison) {
  const auto map = detail::EraseMapper<Key, Like>([](const Key& key, const Like&) { return key; });
  EXPECT_THROW(Mapped<std::string>(map, kNoKey), std::invalid_argument);
}

TEST(DslPairMapper, EitherPartMayBeNull) {
  const auto map = detail::ErasePairMapper<Key, Like>([](const Key* key, const Like* like) {
    return KeyValue{like ? std::optional(like->post) : std::nullopt,
                    key ? MaybeText(*key) : std::nullopt};
  });
  std::vector<std::pair<bool, bool>> nulls;
  const auto sink = [&](const void* key, const void* value) {
    nulls.emplace_back(key == nullptr, value == nullptr);
  };
  map(kNoValue, sink);
  map(kNoKey, sink);
  EXPECT_THAT(nulls, ElementsAre(std::pair(true, false), std::pair(false, true)));
}

TEST(DslFlatMapper, EmitsAnyNumberAndNothingForNull) {
  const auto twice = [](const Like& like, Emit<int64_t>& emit) {
    emit(like.post);
    emit.Nullable(nullptr);
  };
  using F = std::remove_cvref_t<decltype(twice)>;
  static_assert(detail::IsFlatMapper<F, Key, Like, 1>());
  const auto map =
      detail::EraseFlatMapper<Key, Like, Emit<int64_t>, detail::ValueMapper, detail::ValueSink>(
          twice);
  EXPECT_THAT(Mapped<int64_t>(map, kRecord), ElementsAre(7, std::nullopt));
  EXPECT_THAT(Mapped<int64_t>(map, kNoValue), IsEmpty());
}

TEST(DslTopicChooser, HasNoTopicForANullThatItDoesNotTake) {
  const auto choose = detail::EraseTopicChooser<Key, Like>(&Like::channel);
  EXPECT_EQ(choose(kRecord), "c");
  EXPECT_THROW(choose(kNoValue), std::invalid_argument);
}

TEST(DslTimestamp, MembersAndFunctionsGiveEventTimeAndNullsKeepTheLogs) {
  const SourceOptions<Key, Like> member{.timestamp = &Like::liked_at};
  EXPECT_EQ(member.timestamp.extractor()(kRecord, kNoTimestamp), TimestampFromMillis(50));
  EXPECT_EQ(member.timestamp.extractor()(kNoValue, kNoTimestamp), TimestampFromMillis(10));
  const SourceOptions<Key, Like> function{
      .timestamp = [](const Like*, const LogTime& log) { return log.partition; }};
  EXPECT_EQ(function.timestamp.extractor()(kNoValue, TimestampFromMillis(99)),
            TimestampFromMillis(99));
  EXPECT_EQ((SourceOptions<Key, Like>().timestamp.extractor()), nullptr);
}

TEST(DslPartitioner, AWindowedKeyLiesWhereItsKeyWould) {
  const Windowed<Key> windowed{"user-1", TimestampFromMillis(0), TimestampFromMillis(10)};
  const detail::Partitioner partitioner = detail::DefaultPartitioner<Windowed<Key>>::Make();
  EXPECT_EQ(*partitioner(ErasedRecord{&windowed}, 16).begin(), PartitionForKey("user-1", 16));
  EXPECT_EQ(detail::DefaultPartitioner<Key>::Make(), nullptr);
}

// Applies a fold to a stored aggregate; nullopt = deleted.
template <class A>
std::optional<A> Folded(const detail::Aggregation& fold, const A* before,
                        const ErasedRecord& record = kRecord) {
  detail::ErasedValue box;
  const A* after = static_cast<const A*>(fold.apply(record, before, &box));
  return after == nullptr ? std::nullopt : std::optional<A>(*after);
}

template <class A, class F>
detail::Aggregation Fold(A initial, F f) {
  return detail::FoldAggregation<Key, Like>(std::move(initial), std::move(f));
}

TEST(DslFold, ReturnsTheAggregateOrChangesACopyInPlace) {
  const int64_t before = 10;
  const auto check = [&](const detail::Aggregation& fold) {
    EXPECT_EQ(Folded(fold, &before), 13);
    EXPECT_EQ(before, 10);
  };
  check(Fold(int64_t{0}, [](int64_t sum, const Like& like) { return sum + like.weight; }));
  check(Fold(int64_t{0}, [](int64_t& sum, const Like& like) { sum += like.weight; }));
  check(Fold(int64_t{0}, [](const Key& key, const Like& like, int64_t sum) {
    return static_cast<int64_t>(key.size()) + sum + like.weight - 1;
  }));
  check(Fold(int64_t{0}, [](const Key&, const Like& like, int64_t& sum) { sum += like.weight; }));
}

TEST(DslFold, AThrowInPlaceLeavesTheStoredAggregateAsItWas) {
  const std::string before = "kept";
  const auto fold = Fold(std::string(), [](std::string& text, const Like&) {
    text.clear();
    throw std::runtime_error("poison");  // what a user's function may do
  });
  detail::ErasedValue box;
  EXPECT_THROW(fold.apply(kRecord, &before, &box), std::runtime_error);
  EXPECT_EQ(before, "kept");
}

TEST(DslFold, NulloptDeletes) {
  const int64_t before = 10;
  const auto fold =
      Fold(int64_t{0}, [](int64_t, const Like&) -> std::optional<int64_t> { return std::nullopt; });
  EXPECT_EQ(Folded(fold, &before), std::nullopt);
}

TEST(DslFold, OnlyPointersAskForNullValues) {
  EXPECT_FALSE(Fold(int64_t{0}, [](int64_t n, const Like&) { return n; }).takes_null_values);
  const auto counts_nulls =
      Fold(int64_t{0}, [](int64_t n, const Like* like) { return n + (like == nullptr); });
  EXPECT_TRUE(counts_nulls.takes_null_values);
  const int64_t before = 10;
  EXPECT_EQ(Folded(counts_nulls, &before, kNoValue), 11);
}

TEST(DslFold, StartsFromAValueAFunctionOrNull) {
  const auto keep = [](const std::string& text, const Like&) { return text; };
  detail::ErasedValue box;
  EXPECT_EQ(*static_cast<const std::string*>(Fold("text", keep).initial(&box)), "text");
  const auto made = Fold([] { return std::string("made"); }, keep);
  EXPECT_EQ(*static_cast<const std::string*>(made.initial(&box)), "made");
  const auto from_null = Fold(MaybeText(), [](const std::string* text, const Like& like) {
    return text == nullptr ? like.channel : *text + like.channel;
  });
  EXPECT_EQ(from_null.initial(&box), nullptr);
  EXPECT_EQ(Folded<std::string>(from_null, nullptr), "c");
}

TEST(DslReduce, TheFirstValueIsTheFirstAggregate) {
  const auto heavier = detail::ReduceAggregation<Like, Key>(
      [](const Like& a, const Like& b) { return a.weight < b.weight ? b : a; });
  detail::ErasedValue box;
  EXPECT_EQ(heavier.initial, nullptr);
  EXPECT_EQ(heavier.apply(kRecord, nullptr, &box), &kLike);
  const Like heavy{.weight = 9};
  EXPECT_EQ(Folded(heavier, &heavy)->weight, 9);
}

TEST(DslJoiner, AnInnerJoinTakesTheRowByReferenceAndALeftJoinByPointer) {
  const std::string row = "row";
  const auto inner = detail::EraseJoiner<Key, Like, std::string, false>(
      [](const Like& like, const std::string& text) { return text + like.channel; });
  const auto left = detail::EraseJoiner<Key, Like, std::string, true>(
      [](const Key*, const Like& like, const std::string* text) -> MaybeText {
        return text == nullptr ? std::nullopt : MaybeText(*text + like.channel);
      });
  std::vector<MaybeText> results;
  const auto sink = [&](const void* value) {
    const auto* text = static_cast<const std::string*>(value);
    results.push_back(text == nullptr ? std::nullopt : MaybeText(*text));
  };
  inner(kRecord, &row, sink);
  left(kRecord, &row, sink);
  left(kNoKey, nullptr, sink);
  EXPECT_THAT(results, ElementsAre(MaybeText("rowc"), MaybeText("rowc"), std::nullopt));
}

TEST(DslTypes, VerbsGiveTheTypesThatFunctionsReturn) {
  TopologyBuilder flow("types");
  const auto likes = flow.From(kLikes);
  static_assert(std::is_same_v<decltype(likes.MapValues(&Like::weight)), Stream<Key, int64_t>>);
  static_assert(
      std::is_same_v<decltype(likes.SelectKey([](const Like& l) { return std::optional(l.post); })),
                     Stream<int64_t, Like>>);
  static_assert(std::is_same_v<decltype(likes.GroupBy("x", &Like::post).Count("y")),
                               Table<int64_t, int64_t>>);
  static_assert(
      std::is_same_v<decltype(likes.GroupByKey()
                                  .Window(Tumbling{})
                                  .Aggregate(
                                      "y", [] { return MaybeText(); },
                                      [](const std::string*, const Like&) { return MaybeText(); })),
                     Table<Windowed<Key>, std::string>>);
  static_assert(std::is_same_v<decltype(flow.TableFrom(kPosts).MapValues(
                                   [](const std::string& s) { return s.size() > 1; })),
                               Table<int64_t, bool>>);
}

}  // namespace
}  // namespace millrace::dsl_test
