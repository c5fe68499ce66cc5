// Recorded change events of tests/data/captures.
#pragma once

#include <boost/json.hpp>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "millrace/time.h"

namespace millrace::testing {

struct Captured {
  std::string topic;
  std::optional<std::string> key;
  std::optional<std::string> value;
  Timestamp timestamp = kNoTimestamp;  // when the connector wrote it
};

inline std::optional<std::string> TextOrNull(const boost::json::value& value) {
  if (value.is_null()) return std::nullopt;
  return std::string(value.as_string().c_str(), value.as_string().size());
}

// The records of a file ("cdc") whose topic is `topic`; of every topic where that is empty.
inline std::vector<Captured> ReadCaptures(const std::string& name, const std::string& topic = "") {
  std::ifstream file(std::string(MILLRACE_SOURCE_DIR) + "/tests/data/captures/" + name + ".jsonl");
  EXPECT_TRUE(file.good()) << name;
  std::vector<Captured> records;
  for (std::string line; std::getline(file, line);) {
    const boost::json::value root = boost::json::parse(line);
    const boost::json::object& fields = root.as_object();
    Captured record{TextOrNull(fields.at("topic")).value(), TextOrNull(fields.at("key")),
                    TextOrNull(fields.at("value")),
                    TimestampFromMillis(fields.at("timestamp").as_int64())};
    if (topic.empty() || record.topic == topic) records.push_back(std::move(record));
  }
  EXPECT_FALSE(records.empty()) << name << " " << topic;
  return records;
}

}  // namespace millrace::testing
