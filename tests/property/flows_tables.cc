// Tables and their views, and streams that look rows up.
#include <map>

#include "property/flows.h"

namespace millrace::property {
namespace {

Text Pair(const Text& left, const Text* right) { return left + "|" + (right ? *right : "null"); }

// Rows of the right topic as they stand at each left record.
Results LookUps(const Events& events, bool left_join) {
  std::map<Text, Text> rows;
  Results out;
  for (const Event& event : events) {
    if (!IsValid(event)) continue;
    if (event.right) {
      if (!event.key) continue;
      rows.erase(TextOf(event.key));
      if (event.value) rows[TextOf(event.key)] = TextOf(event.value);
      continue;
    }
    if (!event.value || (!event.key && !left_join)) continue;
    const auto row = event.key ? rows.find(TextOf(event.key)) : rows.end();
    if (row == rows.end() && !left_join) continue;
    out.push_back({TextOf(event.key),
                   Pair(TextOf(event.value), row == rows.end() ? nullptr : &row->second),
                   event.time});
  }
  return out;
}

std::map<Text, Text> FinalRows(const Events& events) {
  std::map<Text, Text> rows;
  for (const Event& event : events) {
    if (event.right || !IsValid(event) || !event.key) continue;
    rows.erase(TextOf(event.key));
    if (event.value) rows[TextOf(event.key)] = TextOf(event.value);
  }
  return rows;
}

}  // namespace

std::vector<Flow> TableFlows() {
  return {
      {.name = "TableToStream",
       .build = [](TopologyBuilder& flow) { flow.TableFrom(kLeft, "rows").ToStream().To(kOut); },
       .model =
           [](const Events& events) {
             Results out;
             for (const Event& event : events) {
               if (event.right || !IsValid(event) || !event.key) continue;
               out.push_back({TextOf(event.key), TextOf(event.value), event.time});
             }
             return out;
           },
       .partition_time = false},
      {.name = "StreamTableJoin",
       .build =
           [](TopologyBuilder& flow) {
             flow.From(kLeft)
                 .Join(flow.TableFrom(kRight, "rows"),
                       [](const Text& left, const Text& right) { return Pair(left, &right); })
                 .To(kOut);
           },
       .model = [](const Events& events) { return LookUps(events, /*left_join=*/false); },
       .partition_time = false},
      {.name = "StreamTableLeftJoin",
       .build =
           [](TopologyBuilder& flow) {
             flow.From(kLeft).LeftJoin(flow.TableFrom(kRight, "rows"), Pair).To(kOut);
           },
       .model = [](const Events& events) { return LookUps(events, /*left_join=*/true); },
       .partition_time = false},
      {.name = "CompactedTableLeftJoin",
       .build =
           [](TopologyBuilder& flow) {
             flow.From(kLeft).LeftJoin(flow.CompactedTableFrom(kRight, "rows"), Pair).To(kOut);
           },
       .model = [](const Events& events) { return LookUps(events, /*left_join=*/true); },
       .partition_time = false},
      {.name = "TableFilter",
       .build =
           [](TopologyBuilder& flow) {
             flow.TableFrom(kLeft, "rows")
                 .Filter([](const Text& value) { return value < "5"; })
                 .ToStream()
                 .To(kOut);
           },
       .table =
           [](const Events& events) {
             std::map<Text, Text> rows = FinalRows(events);
             std::erase_if(rows, [](const auto& row) { return row.second >= "5"; });
             return rows;
           },
       .partition_time = false},
      {.name = "TableGroupCount",
       .build =
           [](TopologyBuilder& flow) {
             flow.TableFrom(kLeft, "rows")
                 .GroupBy("by-value",
                          [](const Text& value) {
                            return KeyValue<Text, Text>{value, value};
                          })
                 .Count("counts")
                 .ToStream()
                 .MapValues([](int64_t count) { return std::to_string(count); })
                 .To(kOut);
           },
       .table =
           [](const Events& events) {
             std::map<Text, int> counts;
             for (const Event& event : events) {
               // A group that was never there has no count; one that has become empty has 0.
               if (event.right || !IsValid(event) || !event.key || !event.value) continue;
               counts[TextOf(event.value)] = 0;
             }
             for (const auto& [key, value] : FinalRows(events)) ++counts[value];
             std::map<Text, Text> rows;
             for (const auto& [value, count] : counts) rows[value] = std::to_string(count);
             return rows;
           },
       .partition_time = false,
       .order_of_key_varies = true},
      {.name = "TableGroupSum",
       .build =
           [](TopologyBuilder& flow) {
             flow.TableFrom(kLeft, "rows")
                 .GroupBy(
                     "by-parity",
                     [](const Text& value) {
                       return KeyValue<Text, Text>{std::to_string(std::stoi(value) % 2), value};
                     })
                 .Aggregate(
                     "sums", Text("0"),
                     [](const Text& sum, const Text& value) {
                       return std::to_string(std::stoi(sum) + std::stoi(value));
                     },
                     [](const Text& sum, const Text& value) {
                       return std::to_string(std::stoi(sum) - std::stoi(value));
                     })
                 .ToStream()
                 .To(kOut);
           },
       .table =
           [](const Events& events) {
             std::map<Text, int> sums;
             for (const Event& event : events) {
               if (event.right || !IsValid(event) || !event.key || !event.value) continue;
               sums[std::to_string(*event.value % 2)] = 0;
             }
             for (const auto& [key, value] : FinalRows(events)) {
               sums[std::to_string(std::stoi(value) % 2)] += std::stoi(value);
             }
             std::map<Text, Text> rows;
             for (const auto& [group, sum] : sums) rows[group] = std::to_string(sum);
             return rows;
           },
       .partition_time = false,
       .order_of_key_varies = true},
  };
}

}  // namespace millrace::property
