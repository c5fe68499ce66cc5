#include <chrono>
#include <optional>
#include <string>

#include "conformance/catalogue.h"

namespace millrace::conformance {

namespace {

using std::chrono_literals::operator""ms;

constexpr Tumbling kTumbling{.size = 1000ms, .grace = 700ms};

Text Joined(const Text& sum, const Text& value) { return sum + "," + value; }
MaybeText AppendUnlessDel(const Text& sum, const Text& value) {
  return value == "del" ? MaybeText() : sum + value;
}
// A windowed aggregation sees nulls.
MaybeText AppendNullsUnlessDel(const Text& sum, const Text* value) {
  return Str(value) == "del" ? MaybeText() : sum + Str(value);
}

GroupedStream<Text, Text> ByKey(TopologyBuilder& flow) { return flow.From(kIn).GroupByKey(); }

void TwoAggregations(TopologyBuilder& flow) {
  const auto in = flow.From(kIn);
  in.GroupByKey().Count("by-key").ToStream().To(Topic<Text, int64_t>("out-key"));
  in.GroupBy("by-value", [](const Text& value) { return value; })
      .Count("by-value-counts")
      .ToStream()
      .To(Topic<Text, int64_t>("out-value"));
}

void ReduceNullDelete(TopologyBuilder& flow) {
  ByKey(flow)
      .Reduce("reduced", [](const Text& sum,
                            const Text& value) { return value == "0" ? MaybeText() : sum + value; })
      .ToStream()
      .To(kOut);
}

void InitializerNull(TopologyBuilder& flow) {
  ByKey(flow)
      .Aggregate("agg", MaybeText(),
                 [](const Text* sum, const Text& value) { return Str(sum) + value; })
      .ToStream()
      .To(kOut);
}

void CountWindows(TopologyBuilder& flow, Tumbling windows, WindowStateOptions options) {
  ByKey(flow).Window(windows).Count("counts", options).ToStream().To(kOutWindows);
}

void HoppingAggregate(TopologyBuilder& flow) {
  ByKey(flow)
      .Window(Hopping{.size = 1000ms, .advance = 250ms, .grace = 1000ms})
      .Aggregate("agg", "", [](Text& sum, const Text* value) { sum += Str(value) + ";"; })
      .ToStream()
      .To(Topic<Windowed<Text>, Text>("out"));
}

void TumblingReduce(TopologyBuilder& flow) {
  ByKey(flow)
      .Window(kTumbling)
      .Reduce("agg", [](const Text& sum, const Text* value) { return sum + "," + Str(value); })
      .ToStream()
      .To(Topic<Windowed<Text>, Text>("out"));
}

void TumblingRollup(TopologyBuilder& flow) {
  ByKey(flow)
      .Window(kTumbling)
      .Count("counts")
      .ToStream()
      .Map([](const Windowed<Text>& window, int64_t count) {
        return KeyValue{std::to_string(ToMillis(window.start)),
                        window.key + ":" + std::to_string(count)};
      })
      .GroupByKey("by-start")
      .Aggregate("rollup", "", [](const Text& sum, const Text& value) { return sum + value + ";"; })
      .ToStream()
      .To(kOut);
}

std::vector<Entry> WindowedEntries() {
  const std::vector<Place> numbers = {{"out", Format::kNumber, 1000ms}};
  const std::vector<Place> texts = {{"out", Format::kText, 1000ms}};
  const auto kept = [](const char* name, Format format, Duration retention) {
    return std::vector<Place>{{name, format, 1000ms, retention}};
  };
  return {
      {"tumbling-count", [](auto& flow) { CountWindows(flow, Tumbling{.size = 1000ms}, {}); },
       numbers, kept("counts", Format::kNumber, 1000ms)},
      {"tumbling-count-grace", [](auto& flow) { CountWindows(flow, kTumbling, {}); }, numbers,
       kept("counts", Format::kNumber, 1700ms)},
      {"tumbling-count-in-memory",
       [](auto& flow) { CountWindows(flow, kTumbling, {.in_memory = true}); }, numbers,
       kept("counts", Format::kNumber, 1700ms)},
      {"tumbling-long-retention",
       [](auto& flow) { CountWindows(flow, kTumbling, {.retention = 8000ms}); }, numbers,
       kept("counts", Format::kNumber, 8000ms)},
      {"tumbling-reduce", TumblingReduce, texts, kept("agg", Format::kText, 1700ms)},
      {"tumbling-aggregate-null-delete",
       [](auto& flow) {
         ByKey(flow)
             .Window(kTumbling)
             .Aggregate("agg", "", AppendNullsUnlessDel)
             .ToStream()
             .To(Topic<Windowed<Text>, Text>("out"));
       },
       texts, kept("agg", Format::kText, 1700ms)},
      {"hopping-count",
       [](auto& flow) {
         ByKey(flow)
             .Window(Hopping{.size = 1000ms, .advance = 400ms, .grace = 300ms})
             .Count("counts")
             .ToStream()
             .To(kOutWindows);
       },
       numbers, kept("counts", Format::kNumber, 1300ms)},
      {"hopping-aggregate", HoppingAggregate, texts, kept("agg", Format::kText, 2000ms)},
      {"tumbling-rollup",
       TumblingRollup,
       {{"out"}},
       {{"counts", Format::kNumber, 1000ms, 1700ms}, {"rollup"}}},
  };
}

}  // namespace

std::vector<Entry> AggregationEntries() {
  const std::vector<Place> numbers = {{"out", Format::kNumber}};
  const std::vector<Place> counts = {{"counts", Format::kNumber}};
  std::vector<Entry> entries = {
      {"count", [](auto& flow) { ByKey(flow).Count("counts").ToStream().To(kOutNumbers); }, numbers,
       counts},
      {"count-in-memory",
       [](auto& flow) {
         ByKey(flow).Count("counts", {.in_memory = true}).ToStream().To(kOutNumbers);
       },
       numbers, counts},
      {"count-filter",
       [](auto& flow) {
         ByKey(flow)
             .Count("counts")
             .Filter([](int64_t count) { return count % 2 == 0; })
             .ToStream()
             .To(kOutNumbers);
       },
       numbers, counts},
      {"reduce",
       [](auto& flow) { ByKey(flow).Reduce("reduced", Joined).ToStream().To(kOut); },
       {{"out"}},
       {{"reduced"}}},
      {"reduce-null-delete", ReduceNullDelete, {{"out"}}, {{"reduced"}}},
      {"aggregate",
       [](auto& flow) {
         ByKey(flow)
             .Aggregate("agg", "", [](Text& sum, const Text& value) { sum += value + ";"; })
             .ToStream()
             .To(kOut);
       },
       {{"out"}},
       {{"agg"}}},
      {"aggregate-null-delete",
       [](auto& flow) { ByKey(flow).Aggregate("agg", "", AppendUnlessDel).ToStream().To(kOut); },
       {{"out"}},
       {{"agg"}}},
      {"aggregate-initializer-null", InitializerNull, {{"out"}}, {{"agg"}}},
      {"two-aggregations",
       TwoAggregations,
       {{"out-key", Format::kNumber}, {"out-value", Format::kNumber}},
       {{"by-key", Format::kNumber}, {"by-value-counts", Format::kNumber}}},
  };
  for (Entry& entry : WindowedEntries()) entries.push_back(std::move(entry));
  return entries;
}

}  // namespace millrace::conformance
