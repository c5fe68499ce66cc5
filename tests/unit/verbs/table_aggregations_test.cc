// Aggregations of tables on the TopologyDriver: what recorded runs of one partition do not show.
#include <optional>
#include <string>

#include "table_flows.h"

namespace millrace::verbs_test {
namespace {

using testing::UnorderedElementsAre;

// A row is "city,people"; its group is the city.
KeyValue<std::optional<Text>, int64_t> ByCity(const Text& row) {
  const Text city = row.substr(0, row.find(','));
  return {city == "-" ? std::nullopt : std::optional(city),
          std::stoll(row.substr(row.find(',') + 1))};
}
int64_t Add(int64_t sum, int64_t people) { return sum + people; }
std::optional<int64_t> SubtractToNothing(int64_t sum, int64_t people) {
  return sum == people ? std::nullopt : std::optional(sum - people);
}

Topology Cities() {
  TopologyBuilder flow("cities");
  flow.TableFrom(kLeft, "houses")
      .GroupBy("by-city", ByCity)
      .Reduce("people", Add, SubtractToNothing)
      .ToStream()
      .To(kCounts);
  return std::move(flow).Build().value();
}

TEST(GroupedTable, AMoveWithinAGroupIsOneUpdate) {
  TopologyDriver driver(Cities());
  driver.Pipe(kLeft, "a", "rome,3", At(1));
  driver.Pipe(kLeft, "a", "rome,5", At(2));
  EXPECT_THAT(Updates(&driver, kCounts), ElementsAre("rome=3@1", "rome=5@2"));
}

TEST(GroupedTable, ARowThatMovesLeavesItsGroupBeforeItJoinsTheOther) {
  TopologyDriver driver(Cities());
  driver.Pipe(kLeft, "a", "rome,3", At(1));
  driver.Pipe(kLeft, "b", "rome,4", At(2));
  driver.Pipe(kLeft, "a", "oslo,3", At(5));
  driver.Pipe(kLeft, "a", "-,3", At(3));
  EXPECT_THAT(Updates(&driver, kCounts),
              ElementsAre("rome=3@1", "rome=7@2", "rome=4@5", "oslo=3@5", "oslo=null@5"));
}

TEST(GroupedTable, ASubtractorMayDeleteTheGroup) {
  TopologyDriver driver(Cities());
  driver.Pipe(kLeft, "a", "rome,3", At(1));
  driver.Pipe(kLeft, "a", std::nullopt, At(2));
  driver.Pipe(kLeft, "a", "rome,2", At(3));
  EXPECT_THAT(Updates(&driver, kCounts), ElementsAre("rome=3@1", "rome=null@2", "rome=2@3"));
}

TEST(GroupedTable, GroupsSpanPartitions) {
  TopologyDriver driver(Cities(), {.partitions = 4});
  for (int house = 0; house < 20; ++house) {
    driver.Pipe(kLeft, "house-" + std::to_string(house), house % 2 == 0 ? "rome,1" : "oslo,2");
  }
  for (int house = 0; house < 5; ++house) {
    driver.Pipe(kLeft, "house-" + std::to_string(house), std::nullopt);
  }
  using Row = StoreRow<Text, int64_t>;
  EXPECT_THAT((driver.ReadStore<Text, int64_t>("people")),
              UnorderedElementsAre(Row{"rome", 7, At(0)}, Row{"oslo", 16, At(0)}));
}

TEST(GroupedTable, SubtractsWhatItAddedBeforeALossOfAllState) {
  TopologyDriver driver(Cities(), {.partitions = 3});
  driver.Pipe(kLeft, "a", "rome,3", At(1));
  driver.Pipe(kLeft, "b", "rome,4", At(2));
  driver.CrashAndLoseState();
  driver.Pipe(kLeft, "a", "oslo,1", At(3));
  Updates(&driver, kCounts);
  using Row = StoreRow<Text, int64_t>;
  EXPECT_THAT((driver.ReadStore<Text, int64_t>("people")),
              UnorderedElementsAre(Row{"rome", 4, At(3)}, Row{"oslo", 1, At(3)}));
}

TEST(GroupedTable, TwoAggregationsShareTheTopicOfTheirGroup) {
  TopologyBuilder flow("cities");
  const auto cities = flow.TableFrom(kLeft, "houses").GroupBy("by-city", ByCity);
  cities.Count("houses-of-city").ToStream().To(kCounts);
  cities.Reduce("people", Add, [](int64_t sum, int64_t people) { return sum - people; });
  const Topology topology = std::move(flow).Build().value();
  EXPECT_EQ(topology.data().repartitions.size(), 1u);
  TopologyDriver driver(topology);
  driver.Pipe(kLeft, "a", "rome,3", At(1));
  driver.Pipe(kLeft, "a", std::nullopt, At(2));
  EXPECT_THAT(Updates(&driver, kCounts), ElementsAre("rome=1@1", "rome=0@2"));
  using Row = StoreRow<Text, int64_t>;
  EXPECT_THAT((driver.ReadStore<Text, int64_t>("people")), ElementsAre(Row{"rome", 0, At(2)}));
}

// Numbers the updates of each row, in a store of its own.
struct Numbered : ValueTransformer<Text, Text, int64_t> {
  void Init(Context& context) override { seen_ = context.Store<Text, int64_t>("seen"); }
  std::optional<int64_t> Transform(const Text& key, const Text* value, Context&) override {
    const auto before = seen_.Get(key);
    const int64_t number = before ? *before + 1 : 1;
    seen_.Put(key, number);
    return value == nullptr ? std::nullopt : std::optional(number);
  }
  KeyValueStore<Text, int64_t> seen_;
};

TEST(TransformValues, SeesDeletionsAndKeepsItsStoresOverARestart) {
  TopologyBuilder flow("numbered");
  flow.AddStore(Store<Text, int64_t>("seen"));
  flow.TableFrom(kLeft)
      .TransformValues<Numbered>("numbers", {"seen"})
      .GroupBy("by-number",
               [](int64_t number) {
                 return KeyValue{std::to_string(number), number};
               })
      .Count("rows-of-number")
      .ToStream()
      .To(kCounts);
  TopologyDriver driver(std::move(flow).Build().value());
  driver.Pipe(kLeft, "a", "x", At(1));
  driver.Pipe(kLeft, "a", std::nullopt, At(2));
  driver.CrashAndLoseState();
  EXPECT_THAT(Updates(&driver, kCounts), ElementsAre("1=1@1", "1=0@2"));
  driver.Pipe(kLeft, "a", "x", At(3));
  EXPECT_THAT(Updates(&driver, kCounts), ElementsAre("3=1@3"));
  EXPECT_THAT((driver.ReadStore<Text, int64_t>("numbers")),
              ElementsAre(StoreRow<Text, int64_t>{"a", 3, At(3)}));
}

}  // namespace
}  // namespace millrace::verbs_test
