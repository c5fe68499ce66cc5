#include <chrono>
#include <string>

#include "conformance/catalogue.h"

namespace millrace::conformance {

namespace {

using std::chrono_literals::operator""ms;

const Topic<Text, Text> kTable{"table"};

// A join's function sees the row as a pointer, and the value too.
Text JoinRow(const Text* value, const Text* row) { return JoinText(value, row); }

void OwnCount(TopologyBuilder& flow) {
  const auto in = flow.From(kIn);
  const auto counts = in.GroupByKey().Count("counts");
  in.LeftJoin(counts, [](const Text& value, const int64_t* count) {
      return value + "|" + (count == nullptr ? "null" : std::to_string(*count));
    }).To(kOut);
}

bool IsInvalid(const Text* value) { return !Group(value).has_value() || Rest(value) == "x"; }

// The part before and behind the "|" of a join's result.
Text Before(const Text& joined) { return joined.substr(0, joined.find('|')); }
Text Behind(const Text& joined) { return joined.substr(joined.find('|') + 1); }

void Orders(TopologyBuilder& flow) {
  auto [invalid, valid] =
      flow.From(Topic<Text, Text>("orders")).Split().Branch(IsInvalid).Default();
  invalid.MapValues([](const Text* value) { return "invalid " + Str(value); })
      .To(Topic<Text, Text>("dlq"));
  const auto amounts = valid.SelectKey(Group).MapValues(Rest).Repartition("by-customer");
  const auto enriched =
      amounts.LeftJoin(flow.TableFrom(Topic<Text, Text>("customers"), "customers"), JoinRow);
  enriched.To(Topic<Text, Text>("enriched"));
  amounts.GroupByKey()
      .Window(Tumbling{.size = 1000ms, .grace = 500ms})
      .Count("per-window")
      .ToStream()
      .Filter([](int64_t count) { return count >= 2; })
      .Map([](const Windowed<Text>& window, int64_t count) {
        return KeyValue{window.key + "@" + std::to_string(ToMillis(window.start)),
                        std::to_string(count)};
      })
      .To(Topic<Text, Text>("busy"));
  enriched.GroupBy("by-tier", Behind)
      .Aggregate("revenue", "0",
                 [](const Text& sum, const Text& joined) { return Add(sum, Before(joined)); })
      .ToStream()
      .To(Topic<Text, Text>("revenue"));
}

void Clicks(TopologyBuilder& flow) {
  const auto clicks = flow.From(Topic<Text, Text>("clicks"))
                          .Filter([](const Text* user, const Text* page) {
                            return user != nullptr && page != nullptr;
                          })
                          .Peek([](const Text&) {});
  const auto users = flow.TableFrom(Topic<Text, Text>("users"), "users");
  const auto pages = flow.TableFrom(Topic<Text, Text>("pages"), "pages");
  clicks.GroupByKey()
      .Window(Sessions{.gap = 600ms, .grace = 400ms})
      .Count("visits")
      .Suppress("visits-waiting", UntilWindowCloses())
      .ToStream()
      .Map([](const Session<Text>& visit, int64_t count) {
        return KeyValue{visit.key, std::to_string(count) + "@" +
                                       std::to_string(ToMillis(visit.start)) + "-" +
                                       std::to_string(ToMillis(visit.end))};
      })
      .Join("visits-by-user", users, JoinRow)
      .To(Topic<Text, Text>("visits"));
  clicks.GroupBy("by-page", [](const Text& page) { return page; })
      .Count("popular")
      .Filter([](int64_t count) { return count > 2; })
      .ToStream()
      .MapValues([](const int64_t* count) {
        return count == nullptr ? Str(nullptr) : std::to_string(*count);
      })
      .To(Topic<Text, Text>("popular"));
  clicks.SelectKey([](const Text& page) { return page; })
      .LeftJoin("titles", pages, JoinRow)
      .Merge(clicks)
      .To(Topic<Text, Text>("all"));
}

}  // namespace

std::vector<Entry> JoinEntries() {
  return {
      {"stream-table-inner",
       [](auto& flow) {
         flow.From(kIn).Join(flow.TableFrom(kTable, "table-store"), JoinRow).To(kOut);
       },
       {{"out"}},
       {{"table-store"}}},
      {"stream-table-left",
       [](auto& flow) {
         flow.From(kIn).LeftJoin(flow.TableFrom(kTable, "table-store"), JoinRow).To(kOut);
       }},
      {"stream-table-rekeyed",
       [](auto& flow) {
         flow.From(kIn)
             .SelectKey(Group)
             .LeftJoin("enrich", flow.TableFrom(kTable, "table-store"), JoinRow)
             .To(kOut);
       }},
      {"stream-table-own-count", OwnCount},
      {"propagate-stream-table-join",
       [](auto& flow) {
         flow.From(kIn)
             .LeftJoin(flow.TableFrom(Topic<Text, Text>("in-2"), "table-store"), JoinRow)
             .To(kOut);
       }},
      {"kitchen-sink-orders",
       Orders,
       {{"busy"}, {"dlq"}, {"enriched"}, {"revenue"}},
       {{"customers"}, {"per-window", Format::kNumber, 1000ms, 1500ms}, {"revenue"}}},
      {"kitchen-sink-clicks",
       Clicks,
       {{"all"}, {"popular"}, {"visits"}},
       {{"popular", Format::kNumber},
        {"users"},
        {"pages"},
        {.name = "visits", .value = Format::kNumber, .retention = 1000ms, .sessions = true}}},
  };
}

}  // namespace millrace::conformance
