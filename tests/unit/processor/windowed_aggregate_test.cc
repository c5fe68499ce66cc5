#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "fake_context.h"
#include "millrace/detail/fold_functions.h"

namespace millrace::detail {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr milliseconds kSize(1000);

template <class A>
class WindowedTask : public FakeTask<Windowed<std::string>, A> {
 public:
  WindowedTask(Aggregation aggregation, TimeWindows windows, bool send_old_values = false) {
    store_ = this->template AddWindowStore<std::string, A>("windows");
    this->Start(MakeWindowedAggregate({.aggregation = std::move(aggregation),
                                       .windowed = WindowedCodecOf<std::string>(),
                                       .self = TableIn("windows", send_old_values)},
                                      windows));
  }
  FakeWindowStore* store() { return store_; }

 private:
  FakeWindowStore* store_;
};

using CountTask = WindowedTask<int64_t>;
using TextWindows = WindowedTask<std::string>;

TimeWindows Tumbling1s(milliseconds grace = milliseconds(0)) { return {kSize, kSize, grace}; }

TEST(TumblingWindows, CountEachRecordInItsOwn) {
  CountTask task(CountAggregation(), Tumbling1s());
  task.Pipe("a", Text("x"), 0);
  task.Pipe("a", Text("x"), 999, kNullText, {{"h", "1"}});
  task.Pipe("b", Text("x"), 999);
  task.Pipe("a", Text("x"), 1000);
  EXPECT_THAT(task.Take(), ElementsAre("a[0,1000)=1@0", "a[0,1000)=2@999 #h", "b[0,1000)=1@999",
                                       "a[1000,2000)=1@1000"));
}

TEST(TumblingWindows, KeepTheHighestTimestampOfTheWindow) {
  CountTask task(CountAggregation(), Tumbling1s());
  task.Pipe("a", Text("x"), 700);
  task.Pipe("a", Text("x"), 300);
  EXPECT_THAT(task.Take(), ElementsAre("a[0,1000)=1@700", "a[0,1000)=2@700"));
}

TEST(TumblingWindows, CountNullValuesButDropNullKeys) {
  CountTask task(CountAggregation(), Tumbling1s());
  task.Pipe("a", kNullText, 1);
  task.Pipe(std::nullopt, Text("x"), 5000);
  task.Pipe("a", Text("x"), 2);
  EXPECT_THAT(task.Take(), ElementsAre("a[0,1000)=1@1", "a[0,1000)=2@2"));
  EXPECT_EQ(task.dropped(Drop::kNullKey), 1);
  EXPECT_EQ(task.dropped(Drop::kLate), 0) << "a dropped record must not move the time";
}

TEST(TumblingWindows, CloseWhenStreamTimeReachesTheirEnd) {
  CountTask task(CountAggregation(), Tumbling1s());
  task.Pipe("a", Text("x"), 999);
  task.Pipe("b", Text("x"), 1000);
  task.Pipe("a", Text("x"), 999);
  EXPECT_THAT(task.Take(), ElementsAre("a[0,1000)=1@999", "b[1000,2000)=1@1000"));
  EXPECT_EQ(task.dropped(Drop::kLate), 1);
}

TEST(TumblingWindows, StayOpenForTheirGrace) {
  CountTask task(CountAggregation(), Tumbling1s(milliseconds(700)));
  task.Pipe("a", Text("x"), 1699);
  task.Pipe("a", Text("x"), 10);
  task.Pipe("a", Text("x"), 1700);
  task.Pipe("a", Text("x"), 10);
  EXPECT_THAT(task.Take(),
              ElementsAre("a[1000,2000)=1@1699", "a[0,1000)=1@10", "a[1000,2000)=2@1700"));
  EXPECT_EQ(task.dropped(Drop::kLate), 1);
}

TEST(TumblingWindows, GoOnFromTheTimeThatOutlivedARestart) {
  FakeTask<Windowed<std::string>, int64_t> task;
  FakeWindowStore* store = task.AddWindowStore<std::string, int64_t>("windows");
  const std::string key = "a";
  const int64_t count = 4;
  store->Put(&key, TimestampFromMillis(5000), &count, TimestampFromMillis(5100));
  *task.DurableTime() = TimestampFromMillis(5100);
  task.Start(MakeWindowedAggregate({.aggregation = CountAggregation(),
                                    .windowed = WindowedCodecOf<std::string>(),
                                    .self = TableIn("windows")},
                                   Tumbling1s()));
  task.Pipe("a", Text("x"), 4999);
  task.Pipe("a", Text("x"), 5001);
  EXPECT_THAT(task.Take(), ElementsAre("a[5000,6000)=5@5100"));
  EXPECT_EQ(task.dropped(Drop::kLate), 1);
}

TEST(TumblingWindows, AreDeletedByANullResult) {
  TextWindows task(
      FoldAggregation<std::string, std::string>(
          std::string(),
          [](const std::string& before, const std::string* value) -> std::optional<std::string> {
            if (value == nullptr) return before + "null";
            if (*value == "del") return std::nullopt;
            return before + *value;
          }),
      Tumbling1s(), true);
  task.Pipe("a", Text("x"), 500);
  task.Pipe("a", kNullText, 600);
  task.Pipe("a", Text("del"), 400);
  task.Pipe("a", Text("y"), 300);
  EXPECT_THAT(task.Take(), ElementsAre("a[0,1000)=x@500 was ", "a[0,1000)=xnull@600 was x",
                                       "a[0,1000)=null@600 was xnull", "a[0,1000)=y@300 was "));
}

TEST(TumblingWindows, ReduceAFirstNullValueToNull) {
  TextWindows task(ReduceAggregation<std::string, std::string>(
                       [](const std::string& before, const std::string* value) {
                         return before + "," + (value == nullptr ? "null" : *value);
                       }),
                   Tumbling1s());
  task.Pipe("a", kNullText, 1);
  task.Pipe("a", Text("x"), 2);
  task.Pipe("a", kNullText, 3);
  EXPECT_THAT(task.Take(), ElementsAre("a[0,1000)=null@1", "a[0,1000)=x@2", "a[0,1000)=x,null@3"));
}

TEST(TumblingWindows, DropNullValuesThatTheFunctionDoesNotTake) {
  TextWindows task(FoldAggregation<std::string, std::string>(
                       std::string(), [](const std::string& before,
                                         const std::string& value) { return before + value; }),
                   Tumbling1s());
  task.Pipe("a", kNullText, 1);
  EXPECT_THAT(task.Take(), IsEmpty());
  EXPECT_EQ(task.dropped(Drop::kNullValue), 1);
}

TEST(HoppingWindows, UpdateEveryWindowOfARecordInOrderOfStart) {
  CountTask task(CountAggregation(), {kSize, milliseconds(400), milliseconds(300)});
  task.Pipe("a", Text("x"), 1250);
  EXPECT_THAT(task.Take(),
              ElementsAre("a[400,1400)=1@1250", "a[800,1800)=1@1250", "a[1200,2200)=1@1250"));
}

TEST(HoppingWindows, NeverStartBeforeTheEpoch) {
  CountTask task(CountAggregation(), {kSize, milliseconds(400), milliseconds(0)});
  task.Pipe("a", Text("x"), 100);
  EXPECT_THAT(task.Take(), ElementsAre("a[0,1000)=1@100"));
}

TEST(HoppingWindows, MayBeLateForSomeWindowsOfARecordOnly) {
  CountTask task(CountAggregation(), {kSize, milliseconds(500), milliseconds(0)});
  task.Pipe("a", Text("x"), 1600);
  task.Take();
  task.Pipe("a", Text("x"), 1200);
  EXPECT_THAT(task.Take(), ElementsAre("a[1000,2000)=2@1600"));
  EXPECT_EQ(task.dropped(Drop::kLate), 1);
}

TEST(HoppingWindows, AgreeWithANaiveModel) {
  const uint32_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const TimeWindows windows = {milliseconds(900), milliseconds(250), milliseconds(350)};
  CountTask task(CountAggregation(), windows);
  std::map<std::pair<std::string, int64_t>, int64_t> counts;
  std::vector<std::string> expected;
  int64_t stream_time = -1;
  for (int64_t i = 0; i < 2000; ++i) {
    const std::string key(1, static_cast<char>('a' + random() % 3));
    const int64_t timestamp = std::max<int64_t>(0, i * 5 - static_cast<int64_t>(random() % 2500));
    stream_time = std::max(stream_time, timestamp);
    for (int64_t start = 0; start <= timestamp; start += 250) {
      if (start + 900 <= timestamp || start + 900 + 350 <= stream_time) continue;
      expected.push_back(key + "[" + std::to_string(start) + "," + std::to_string(start + 900) +
                         ")=" + std::to_string(++counts[{key, start}]));
    }
    task.Pipe(key, Text("x"), timestamp);
  }
  std::vector<std::string> actual;
  for (const std::string& update : task.Take())
    actual.push_back(update.substr(0, update.find('@')));
  EXPECT_EQ(actual, expected);
}

}  // namespace
}  // namespace millrace::detail
