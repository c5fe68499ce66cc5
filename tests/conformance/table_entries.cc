#include <string>
#include <utility>
#include <vector>

#include "conformance/catalogue.h"

namespace millrace::conformance {

namespace {

bool AtLeast50(const Text& value) { return Number(value) >= 50; }
Text WithMark(const Text& value) { return value + "!"; }
Text KeyAndValue(const Text& key, const Text& value) { return key + "=" + value; }

void Chain(TopologyBuilder& flow) {
  flow.TableFrom(kIn)
      .Filter([](const Text& value) { return Number(value) >= 20; })
      .MapValues([](const Text& value) { return std::to_string(Number(value) / 10); })
      .FilterNot("chained", [](const Text& value) { return value == "7"; })
      .ToStream()
      .To(kOut);
}

void TwoViews(TopologyBuilder& flow) {
  const auto table = flow.TableFrom(kIn, "table");
  table.Filter("high", AtLeast50).ToStream().To(Topic<Text, Text>("out-high"));
  table.MapValues("lengths", [](const Text& value) { return static_cast<int64_t>(value.size()); })
      .ToStream()
      .To(Topic<Text, int64_t>("out-lengths"));
}

// The row in its group: (group, rest of the value).
KeyValue<MaybeText, MaybeText> GroupAndRest(const Text& value) {
  return {Group(&value), Rest(&value)};
}
KeyValue<MaybeText, Text> GroupAndValue(const Text& value) { return {Group(&value), value}; }

void GroupReduce(TopologyBuilder& flow) {
  flow.TableFrom(kIn, "table")
      .GroupBy("by-group", GroupAndRest)
      .Reduce("sums", Add, Subtract)
      .ToStream()
      .To(kOut);
}

void GroupCount(TopologyBuilder& flow) {
  flow.TableFrom(kIn, "table")
      .GroupBy("by-group", GroupAndValue)
      .Count("counts")
      .ToStream()
      .To(kOutNumbers);
}

void GroupAggregate(TopologyBuilder& flow) {
  flow.TableFrom(kIn, "table")
      .GroupBy("by-group",
               [](const Text& key, const Text& value) {
                 return KeyValue{Group(&value), key + StrOf(Rest(&value))};
               })
      .Aggregate(
          "log", "", [](const Text& log, const Text& row) { return log + "+" + row; },
          [](const Text& log, const Text& row) { return log + "-" + row; })
      .ToStream()
      .To(kOut);
}

void FilterGroupCount(TopologyBuilder& flow) {
  flow.TableFrom(kIn, "table")
      .Filter(AtLeast50)
      .GroupBy("by-digit",
               [](const Text& value) {
                 return KeyValue{First(&value), value};
               })
      .Count("counts")
      .ToStream()
      .To(kOutNumbers);
}

void CountOfCounts(TopologyBuilder& flow) {
  flow.From(kIn)
      .GroupByKey()
      .Count("counts")
      .GroupBy("by-count",
               [](const Text& key, int64_t count) {
                 return KeyValue{std::to_string(count), key};
               })
      .Count("histogram")
      .ToStream()
      .To(kOutNumbers);
}

void PropagateGroup(TopologyBuilder& flow) {
  flow.TableFrom(kIn, "table")
      .GroupBy("by-last",
               [](const Text& value) {
                 return KeyValue{value.substr(value.size() - 1), value};
               })
      .Count("counts")
      .ToStream()
      .To(kOutNumbers);
}

struct KeyAndValueOrNull : ValueTransformer<Text, Text, Text> {
  MaybeText Transform(const Text& key, const Text* value, Context&) override {
    return key + "=" + Str(value);
  }
};

std::vector<Entry> GroupEntries() {
  const std::vector<Place> numbers = {{"out", Format::kNumber}};
  const std::vector<Place> counts = {{"counts", Format::kNumber}};
  return {
      {"table-group-reduce", GroupReduce, {{"out"}}, {{"sums"}}},
      {"table-group-count", GroupCount, numbers, counts},
      {"table-group-aggregate", GroupAggregate, {{"out"}}, {{"log"}}},
      {"table-filter-group-count", FilterGroupCount, numbers, counts},
      {"count-of-counts",
       CountOfCounts,
       numbers,
       {{"counts", Format::kNumber}, {"histogram", Format::kNumber}}},
      {"propagate-table-group", PropagateGroup, numbers, counts},
  };
}

}  // namespace

std::vector<Entry> TableEntries() {
  std::vector<Entry> entries = {
      {"table-to-stream",
       [](auto& flow) { flow.TableFrom(kIn, "table").ToStream().To(kOut); },
       {{"out"}},
       {{"table"}}},
      {"table-filter",
       [](auto& flow) { flow.TableFrom(kIn, "table").Filter(AtLeast50).ToStream().To(kOut); },
       {{"out"}},
       {{"table"}}},
      {"table-filter-materialized",
       [](auto& flow) { flow.TableFrom(kIn).Filter("high", AtLeast50).ToStream().To(kOut); },
       {{"out"}},
       {{"high"}}},
      {"table-filter-not",
       [](auto& flow) { flow.TableFrom(kIn).FilterNot("low", AtLeast50).ToStream().To(kOut); },
       {{"out"}},
       {{"low"}}},
      {"table-map-values",
       [](auto& flow) { flow.TableFrom(kIn).MapValues(WithMark).ToStream().To(kOut); }},
      {"table-map-values-materialized",
       [](auto& flow) { flow.TableFrom(kIn).MapValues("mapped", KeyAndValue).ToStream().To(kOut); },
       {{"out"}},
       {{"mapped"}}},
      {"table-chain", Chain, {{"out"}}, {{"chained"}}},
      {"table-to-stream-select-key",
       [](auto& flow) {
         flow.TableFrom(kIn)
             .ToStream()
             .SelectKey([](const Text& key, const Text* value) { return key + "/" + Str(value); })
             .To(kOut);
       }},
      {"stream-to-table",
       [](auto& flow) { flow.From(kIn).ToTable("table").ToStream().To(kOut); },
       {{"out"}},
       {{"table"}}},
      {"stream-rekey-to-table",
       [](auto& flow) { flow.From(kIn).SelectKey(First).ToTable("table").ToStream().To(kOut); },
       {{"out"}},
       {{"table"}}},
      {"table-two-views",
       TwoViews,
       {{"out-high"}, {"out-lengths", Format::kNumber}},
       {{"table"}, {"high"}, {"lengths", Format::kNumber}}},
      {"table-transform-values",
       [](auto& flow) {
         flow.TableFrom(kIn).template TransformValues<KeyAndValueOrNull>("mapped").ToStream().To(
             kOut);
       },
       {{"out"}},
       {{"mapped"}}},
  };
  for (Entry& entry : GroupEntries()) entries.push_back(std::move(entry));
  return entries;
}

}  // namespace millrace::conformance
