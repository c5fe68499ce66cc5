// Aggregations of streams without windows.
#include <algorithm>
#include <map>

#include "property/flows.h"

namespace millrace::property {
namespace {

int64_t Number(const Text& text) { return std::stoll(text); }

struct Row {
  std::optional<Text> value;
  int64_t time = 0;
};

// Folds valid records with key and value into a row per key.
Results Fold(const Events& events,
             const std::function<std::optional<Text>(const std::optional<Text>& row,
                                                     const Text& value)>& fold) {
  std::map<Text, Row> rows;
  Results out;
  for (const Event& event : events) {
    if (event.right || !IsValid(event) || !event.key || !event.value) continue;
    Row& row = rows[TextOf(event.key)];
    const bool is_new = !row.value.has_value();
    row.value = fold(row.value, TextOf(event.value));
    row.time = is_new ? event.time : std::max(row.time, event.time);
    out.push_back({TextOf(event.key), row.value.value_or("null"), row.time});
  }
  return out;
}

}  // namespace

std::vector<Flow> AggregationFlows() {
  return {
      {.name = "Count",
       .build =
           [](TopologyBuilder& flow) {
             flow.From(kLeft)
                 .GroupByKey()
                 .Count("counts")
                 .ToStream()
                 .MapValues([](int64_t count) { return std::to_string(count); })
                 .To(kOut);
           },
       .model =
           [](const Events& events) {
             return Fold(events, [](const std::optional<Text>& row, const Text&) {
               return std::to_string(Number(row.value_or("0")) + 1);
             });
           },
       .partition_time = false},
      {.name = "Reduce",
       .build =
           [](TopologyBuilder& flow) {
             flow.From(kLeft)
                 .GroupByKey()
                 .Reduce("reduced", [](const Text& a, const Text& b) { return a + b; })
                 .ToStream()
                 .To(kOut);
           },
       .model =
           [](const Events& events) {
             return Fold(events, [](const std::optional<Text>& row, const Text& value) {
               return row.value_or("") + value;
             });
           },
       .partition_time = false},
      {.name = "AggregateThatDeletes",
       .build =
           [](TopologyBuilder& flow) {
             flow.From(kLeft)
                 .GroupByKey()
                 .Aggregate("sums", Text("0"),
                            [](const Text& sum, const Text& value) -> std::optional<Text> {
                              if (value == "9") return std::nullopt;
                              return std::to_string(Number(sum) + Number(value));
                            })
                 .ToStream()
                 .To(kOut);
           },
       .model =
           [](const Events& events) {
             return Fold(
                 events,
                 [](const std::optional<Text>& row, const Text& value) -> std::optional<Text> {
                   if (value == "9") return std::nullopt;
                   return std::to_string(Number(row.value_or("0")) + Number(value));
                 });
           },
       .partition_time = false},
      {.name = "CountByNewKey",
       .build =
           [](TopologyBuilder& flow) {
             flow.From(kLeft)
                 .GroupBy("by-value", [](const Text& value) { return value; })
                 .Count("counts")
                 .ToStream()
                 .MapValues([](int64_t count) { return std::to_string(count); })
                 .To(kOut);
           },
       .model =
           [](const Events& events) {
             Events by_value;
             for (Event event : events) {
               event.key = event.value;
               by_value.push_back(event);
             }
             return Fold(by_value, [](const std::optional<Text>& row, const Text&) {
               return std::to_string(Number(row.value_or("0")) + 1);
             });
           },
       .partition_time = false},
  };
}

}  // namespace millrace::property
