#include <string>

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

}  // namespace

std::vector<Entry> TableEntries() {
  return {
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
  };
}

}  // namespace millrace::conformance
