// Versioned tables, and what is made of them.
#include <chrono>
#include <string>
#include <vector>

#include "conformance/catalogue.h"

namespace millrace::conformance {

namespace {

using std::chrono_literals::operator""ms;

Text JoinRow(const Text* value, const Text* row) { return JoinText(value, row); }

Table<Text, Text> Versioned(TopologyBuilder& flow, const Text& topic, const Text& store,
                            Duration history) {
  return flow.TableFrom(Topic<Text, Text>(topic), store, {}, {.history = history});
}

void GroupCount(TopologyBuilder& flow) {
  Versioned(flow, "in", "table", 1000ms)
      .GroupBy("by-group",
               [](const Text& value) {
                 return KeyValue<MaybeText, Text>{Group(&value), value};
               })
      .Count("counts")
      .ToStream()
      .To(kOutNumbers);
}

}  // namespace

std::vector<Entry> VersionedEntries() {
  const std::vector<Place> out = {{"out"}};
  const std::vector<Place> numbers = {{"out", Format::kNumber}};
  const Place table{.name = "table", .history = 1000ms};
  return {
      {"stream-table-versioned",
       [](auto& flow) {
         flow.From(kIn).LeftJoin(Versioned(flow, "table", "table-store", 2000ms), JoinRow).To(kOut);
       }},
      {"stream-table-grace",
       [](auto& flow) {
         flow.From(kIn)
             .Join("enrich", Versioned(flow, "table", "table-store", 5000ms), JoinRow,
                   {.grace = 1000ms})
             .To(kOut);
       }},
      {"stream-table-grace-left",
       [](auto& flow) {
         flow.From(kIn)
             .LeftJoin("enrich", Versioned(flow, "table", "table-store", 5000ms), JoinRow,
                       {.grace = 1000ms})
             .To(kOut);
       }},
      {"table-versioned-filter",
       [](auto& flow) {
         Versioned(flow, "in", "table", 1000ms)
             .Filter([](const Text& value) { return Number(value) >= 50; })
             .ToStream()
             .To(kOut);
       }},
      {"table-versioned-to-stream",
       [](auto& flow) { Versioned(flow, "in", "table", 1000ms).ToStream().To(kOut); },
       out,
       {table}},
      {"table-versioned-group-count", GroupCount, numbers, {{"counts", Format::kNumber}}},
      {"table-table-versioned",
       [](auto& flow) {
         Versioned(flow, "left", "left-store", 2000ms)
             .LeftJoin(Versioned(flow, "right", "right-store", 2000ms),
                       [](const Text& left, const Text* right) { return JoinText(&left, right); })
             .ToStream()
             .To(kOut);
       }},
      {"fk-versioned",
       [](auto& flow) {
         Versioned(flow, "left", "left-store", 2000ms)
             .LeftJoin(
                 "fk", Versioned(flow, "right", "right-store", 2000ms),
                 [](const Text& left) { return Group(&left); },
                 [](const Text& left, const Text* right) { return JoinText(&left, right); })
             .ToStream()
             .To(kOut);
       }},
  };
}

}  // namespace millrace::conformance
