// What the tests of tables on the TopologyDriver share.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "verb_testing.h"

namespace millrace::verbs_test {

inline const Topic<Text, Text> kLeft{"left"};
inline const Topic<Text, Text> kRight{"right"};
inline const Topic<Text, int64_t> kCounts{"counts"};

inline Timestamp At(int64_t millis) { return TimestampFromMillis(millis); }

// Each record as "key=value@time"; a deletion as "key=null@time".
template <class V>
std::vector<Text> Updates(TopologyDriver* driver, const Topic<Text, V>& topic) {
  std::vector<Text> updates;
  for (const auto& record : driver->Drain(topic)) {
    Text value = "null";
    if constexpr (std::is_same_v<V, Text>) {
      value = record.value.value_or("null");
    } else if (record.value.has_value()) {
      value = std::to_string(*record.value);
    }
    updates.push_back(*record.key + "=" + value + "@" + std::to_string(ToMillis(record.timestamp)));
  }
  return updates;
}

// What a table shows after its updates.
inline std::map<Text, Text> Latest(TopologyDriver* driver) {
  std::map<Text, Text> rows;
  for (const auto& record : driver->Drain(kOut)) {
    if (record.value.has_value()) {
      rows[*record.key] = *record.value;
    } else {
      rows.erase(*record.key);
    }
  }
  return rows;
}

}  // namespace millrace::verbs_test
