// What Kafka Streams does not have: Deduplicate, count windows, Top, a time to live.
#include <algorithm>
#include <chrono>
#include <map>

#include "property/flows.h"

namespace millrace::property {
namespace {

using std::chrono_literals::operator""ms;

// In order: a record passes if none of its key has passed within the horizon.
Results Deduplicated(const Events& events, int64_t horizon) {
  std::map<Text, int64_t> passed;
  Results out;
  for (const Event& event : events) {
    if (event.right) continue;
    const Text key = TextOf(event.key);
    const auto last = passed.find(key);
    if (event.key && last != passed.end() && event.time - last->second <= horizon) continue;
    if (event.key) passed[key] = event.time;
    out.push_back({key, TextOf(event.value), event.time});
  }
  return out;
}

Results SumsOf(const Events& events, int size) {
  struct Part {
    int records = 0;
    int sum = 0;
    int64_t time = 0;
  };
  std::map<Text, Part> parts;
  Results out;
  for (const Event& event : events) {
    if (event.right || !IsValid(event) || !event.key || !event.value) continue;
    Part& part = parts[TextOf(event.key)];
    part.sum += *event.value;
    part.time = std::max(part.time, event.time);
    if (++part.records < size) continue;
    out.push_back({TextOf(event.key), std::to_string(part.sum), part.time});
    part = {};
  }
  return out;
}

struct Row {
  int value;
  int64_t time;
};
std::map<Text, Row> FinalRows(const Events& events) {
  std::map<Text, Row> rows;
  for (const Event& event : events) {
    if (event.right || !IsValid(event) || !event.key) continue;
    rows.erase(TextOf(event.key));
    if (event.value) rows[TextOf(event.key)] = {*event.value, event.time};
  }
  return rows;
}

}  // namespace

std::vector<Flow> BeyondFlows() {
  return {
      {.name = "Deduplicate",
       .build = [](TopologyBuilder& flow) { flow.From(kLeft).Deduplicate("seen", 100ms).To(kOut); },
       .model = [](const Events& events) { return Deduplicated(events, 100); },
       .model_in_order = true},
      {.name = "CountWindow",
       .build =
           [](TopologyBuilder& flow) {
             flow.From(kLeft)
                 .GroupByKey()
                 .Window(CountWindow{.size = 3})
                 .Aggregate("sums", Text("0"),
                            [](const Text& sum, const Text& value) {
                              return std::to_string(std::stoi(sum) + std::stoi(value));
                            })
                 .To(kOut);
           },
       .model = [](const Events& events) { return SumsOf(events, 3); },
       .partition_time = false},
      {.name = "Top",
       .build =
           [](TopologyBuilder& flow) {
             flow.TableFrom(kLeft, "rows")
                 .GroupBy(
                     "by-parity",
                     [](const Text& value) {
                       return KeyValue<Text, Text>{std::to_string(std::stoi(value) % 2), value};
                     })
                 .Top("best", 2, [](const Text& value) { return std::stoi(value); })
                 .ToStream()
                 .MapValues([](const TopRows<Text>& top) {
                   Text text;
                   for (const Text& row : top.rows) text += row + ",";
                   return text;
                 })
                 .To(kOut);
           },
       .table =
           [](const Events& events) {
             std::map<Text, std::vector<int>> groups;
             for (const auto& [key, row] : FinalRows(events)) {
               groups[std::to_string(row.value % 2)].push_back(row.value);
             }
             std::map<Text, Text> lists;
             for (auto& [group, values] : groups) {
               std::sort(values.rbegin(), values.rend());
               values.resize(std::min<size_t>(values.size(), 2));
               for (const int value : values) lists[group] += std::to_string(value) + ",";
             }
             return lists;
           },
       .partition_time = false,
       .order_of_key_varies = true},
      {.name = "ExpireAfter",
       .build =
           [](TopologyBuilder& flow) {
             flow.TableFrom(kLeft).ExpireAfter("rows", 300ms).ToStream().To(kOut);
           },
       .table =
           [](const Events& events) {
             int64_t now = -1;
             for (const Event& event : events) {
               if (!event.right && event.key) now = std::max(now, event.time);
             }
             std::map<Text, Text> rows;
             for (const auto& [key, row] : FinalRows(events)) {
               if (row.time + 300 > now) rows[key] = std::to_string(row.value);
             }
             return rows;
           }},
  };
}

}  // namespace millrace::property
