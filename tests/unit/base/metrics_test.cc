#include "millrace/metrics.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace millrace {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(MetricsRegistry, HandsOutOneMetricPerNameAndLabels) {
  MetricsRegistry registry;
  Counter* first = registry.counter("records_total", {{"topic", "a"}});
  EXPECT_EQ(registry.counter("records_total", {{"topic", "a"}}), first);
  EXPECT_NE(registry.counter("records_total", {{"topic", "b"}}), first);
  first->Add();
  first->Add(41);
  EXPECT_EQ(first->value(), 42);
}

TEST(MetricsRegistryDeathTest, AllowsOneKindPerName) {
  MetricsRegistry registry;
  registry.counter("records_total");
  EXPECT_DEATH(registry.gauge("records_total"), "records_total");
  EXPECT_DEATH(registry.histogram("records_total"), "records_total");
}

TEST(MetricsRegistry, SnapshotIsSortedByNameAndLabels) {
  MetricsRegistry registry;
  registry.counter("b_total", {{"topic", "y"}})->Add(2);
  registry.counter("b_total", {{"topic", "x"}})->Add(1);
  registry.gauge("a")->Set(0.5);
  registry.gauge("c")->Set(3);
  std::vector<std::string> seen;
  for (const MetricSample& sample : registry.Snapshot()) {
    seen.push_back(sample.name + (sample.labels.empty() ? "" : sample.labels.begin()->second));
  }
  EXPECT_THAT(seen, ElementsAre("a", "b_totalx", "b_totaly", "c"));
}

TEST(Histogram, PutsAnObservationIntoTheSmallestBucketThatHoldsIt) {
  Histogram histogram;
  histogram.Observe(0);
  histogram.Observe(1e-6);
  histogram.Observe(1.5e-6);
  histogram.Observe(1e6);
  EXPECT_EQ(histogram.bucket(0), 2);
  EXPECT_EQ(histogram.bucket(1), 1);
  EXPECT_EQ(histogram.bucket(Histogram::kBuckets - 1), 1);
  EXPECT_EQ(histogram.count(), 4);
  EXPECT_NEAR(histogram.sum(), 1e6, 1e-3);
}

TEST(Histogram, QuantileIsTheBoundOfItsBucket) {
  Histogram histogram;
  EXPECT_EQ(histogram.Quantile(0.5), 0);
  for (int i = 0; i < 99; ++i) histogram.Observe(1e-6);
  histogram.Observe(1e-3);
  EXPECT_EQ(histogram.Quantile(0), Histogram::UpperBound(0));
  EXPECT_EQ(histogram.Quantile(0.99), Histogram::UpperBound(0));
  EXPECT_EQ(histogram.Quantile(1), Histogram::UpperBound(10));
}

TEST(PrometheusText, HasOneTypeLinePerNameAndALinePerSeries) {
  MetricsRegistry registry;
  registry.counter("records_total", {{"topic", "a"}, {"task", "0_1"}})->Add(3);
  registry.counter("records_total", {{"topic", "b"}})->Add(4);
  registry.gauge("lag")->Set(0.25);
  EXPECT_EQ(registry.PrometheusText(),
            "# TYPE records_total counter\n"
            "records_total{task=\"0_1\",topic=\"a\"} 3\n"
            "records_total{topic=\"b\"} 4\n"
            "# TYPE lag gauge\n"
            "lag 0.25\n");
}

TEST(PrometheusText, EscapesValuesOfLabels) {
  MetricsRegistry registry;
  registry.counter("a_total", {{"l", "x\"y\\z\n"}})->Add();
  EXPECT_THAT(registry.PrometheusText(), HasSubstr(R"(a_total{l="x\"y\\z\n"} 1)"));
}

// A rate over a value that is rounded to six digits is mostly zero.
TEST(PrometheusText, LosesNoDigit) {
  MetricsRegistry registry;
  registry.counter("offset_total")->Add(9'007'199'254'740'993);
  registry.gauge("bytes")->Set(123'456'789);
  Histogram* histogram = registry.histogram("seconds");
  histogram->Observe(1'234'567.25);
  const std::string text = registry.PrometheusText();
  EXPECT_THAT(text, HasSubstr("offset_total 9007199254740993\n"));
  EXPECT_THAT(text, HasSubstr("bytes 123456789\n"));
  EXPECT_THAT(text, HasSubstr("seconds_sum 1234567.25\n"));
}

TEST(PrometheusText, CountsBucketsOfAHistogramUpwards) {
  MetricsRegistry registry;
  Histogram* histogram = registry.histogram("seconds", {{"step", "x"}});
  histogram->Observe(1e-6);
  histogram->Observe(2e-6);
  histogram->Observe(1e6);
  const std::string text = registry.PrometheusText();
  EXPECT_THAT(text,
              HasSubstr("# TYPE seconds histogram\nseconds_bucket{step=\"x\",le=\"1e-06\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("seconds_bucket{step=\"x\",le=\"2e-06\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("seconds_bucket{step=\"x\",le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("seconds_count{step=\"x\"} 3\n"));
}

}  // namespace
}  // namespace millrace
