// Records that come too late for their window, sent to a topic: docs/late-records.md.
#include "verb_testing.h"

namespace millrace::verbs_test {
namespace {

const Topic<Windowed<Text>, int64_t> kCounts{"out"};
const Topic<Session<Text>, int64_t> kSessionCounts{"out"};

void CountPerMinute(TopologyBuilder& flow) {
  flow.From(kIn)
      .GroupByKey()
      .Window(Tumbling{.size = 60000ms, .grace = 10000ms})
      .Late(kLate)
      .Count("per-minute")
      .ToStream()
      .To(kCounts);
}

double LateRecordsOf(TextDriver& driver) {
  const Text text = driver->metrics()->PrometheusText();
  const size_t at = text.find("millrace_records_dropped_total{reason=\"late\"");
  return at == Text::npos ? 0 : std::stod(text.substr(text.find("} ", at) + 2));
}

TEST(LateRecords, GoToTheirTopicAsTheyCameAndAreCounted) {
  TextDriver driver(CountPerMinute);
  Headers headers;
  headers.Add("from", "phone");
  driver.Pipe(kIn, "a", "1", 70'000);
  driver.Pipe(kIn, "a", "2", 59'999);
  driver.Pipe(kIn, "a", "3", 60'000);
  EXPECT_THAT(driver.Take(kLate), ElementsAre("a=2@59999"));
  driver.Pipe(kIn, "a", std::nullopt, 5'000, headers);
  EXPECT_THAT(driver.Take(kLate), ElementsAre("a=null@5000 #from"));
  EXPECT_EQ(driver.Take().size(), 2);
  EXPECT_EQ(LateRecordsOf(driver), 2);
}

TEST(LateRecords, OfOverlappingWindowsAreLateForAllOfThem) {
  TextDriver driver([](auto& flow) {
    flow.From(kIn)
        .GroupByKey()
        .Window(Hopping{.size = 100ms, .advance = 50ms})
        .Late(kLate)
        .Count("counts");
  });
  driver.Pipe("a", "1", 160);
  driver.Pipe("a", "2", 120);  // [50, 150) is closed, [100, 200) is not
  EXPECT_THAT(driver.Take(kLate), IsEmpty());
  driver.Pipe("a", "3", 60);
  EXPECT_THAT(driver.Take(kLate), ElementsAre("a=3@60"));
}

TEST(LateRecords, OfSlidingWindowsGoToTheirTopicOnce) {
  TextDriver driver([](auto& flow) {
    flow.From(kIn)
        .GroupByKey()
        .Window(Sliding{.difference = 100ms, .grace = 50ms})
        .Late(kLate)
        .Count("counts");
  });
  driver.Pipe("a", "1", 1000);
  driver.Pipe("b", "2", 849);
  driver.Pipe("b", "3", 950);
  EXPECT_THAT(driver.Take(kLate), ElementsAre("b=2@849"));
}

TEST(LateRecords, OfSessionsGoToTheirTopic) {
  TextDriver driver([](auto& flow) {
    flow.From(kIn)
        .GroupByKey()
        .Window(Sessions{.gap = 100ms, .grace = 50ms})
        .Late(kLate)
        .Count("visits")
        .ToStream()
        .To(kSessionCounts);
  });
  driver.Pipe("a", "1", 1000);
  driver.Pipe("a", "2", 849);
  driver.Pipe("a", "3", 850);
  EXPECT_THAT(driver.Take(kLate), ElementsAre("a=2@849"));
  driver->CrashAndLoseState();
  driver.Pipe("a", "4", 849);
  EXPECT_THAT(driver.Take(kLate), ElementsAre("a=4@849"));
}

TEST(LateRecords, LeaveTheResultsOfTheStepAlone) {
  TopologyBuilder flow("verbs");
  CountPerMinute(flow);
  const Text text = std::move(flow).Build()->Describe();
  EXPECT_THAT(text, HasSubstr("Sink: per-minute-late (topic: late)\n      <-- per-minute"));
}

// Two streams of different types, counted together.
void CountTogether(TopologyBuilder& flow, bool windows) {
  const Topic<Text, int64_t> numbers("numbers");
  const auto group =
      flow.From(kIn)
          .GroupByKey()
          .Cogroup<int64_t>([](int64_t& sum, const Text&) { ++sum; }, {.late = kLate})
          .Cogroup(flow.From(numbers).GroupByKey(),
                   [](int64_t& sum, const int64_t& number) { sum += number; },
                   {.late = Topic<Text, int64_t>("numbers-late")});
  if (windows) {
    group.Window(Tumbling{.size = 100ms}).Aggregate("sums", int64_t{0}).ToStream().To(kCounts);
  } else {
    group.Aggregate("sums", int64_t{0});
  }
}

TEST(LateRecords, OfCogroupedStreamsGoToTheTopicOfTheirStream) {
  TextDriver driver([](auto& flow) { CountTogether(flow, /*windows=*/true); });
  const Topic<Text, int64_t> numbers("numbers");
  driver.Pipe("a", "1", 250);
  driver.Pipe("a", "2", 150);  // by what its own stream has seen
  driver->Pipe(numbers, "a", 10, TimestampFromMillis(150));
  driver->Pipe(numbers, "a", 20, TimestampFromMillis(350));
  driver->Pipe(numbers, "b", 30, TimestampFromMillis(299));
  EXPECT_THAT(driver.Take(kLate), ElementsAre("a=2@150"));
  const auto late = driver->Drain(Topic<Text, int64_t>("numbers-late"));
  ASSERT_EQ(late.size(), 1);
  EXPECT_EQ(late.front().key, "b");
  EXPECT_EQ(late.front().value, 30);
  EXPECT_EQ(driver->Drain(kCounts).size(), 3);
}

TEST(LateRecords, OfCogroupedSessionsToo) {
  TextDriver driver([](TopologyBuilder& flow) {
    flow.From(kIn)
        .GroupByKey()
        .Cogroup<int64_t>([](int64_t& sum, const Text&) { ++sum; }, {.late = kLate})
        .Window(Sessions{.gap = 10ms})
        .Aggregate("sums", int64_t{0}, [](int64_t one, int64_t two) { return one + two; });
  });
  driver.Pipe("a", "1", 250);
  driver.Pipe("a", "2", 150);
  EXPECT_THAT(driver.Take(kLate), ElementsAre("a=2@150"));
}

TEST(LateRecords, NeedWindows) {
  EXPECT_THAT(Refusal([](auto& flow) { CountTogether(flow, /*windows=*/false); }),
              HasSubstr("sends late records to \"late\", but has no windows"));
}

}  // namespace
}  // namespace millrace::verbs_test
