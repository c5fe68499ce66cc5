// What a topic holds, in a few numbers that two programs' outputs can be compared by.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "millrace/log.h"

namespace millrace::bench::kafka {

struct TopicDigest {
  int64_t records = 0;
  int64_t bytes = 0;      // of keys and values
  int64_t keys = 0;       // that occur
  int64_t misplaced = 0;  // records that are not where Kafka's producers put their keys
  // Of all records with partition, key, value and timestamp, and of their order within a key;
  // not of how the keys mix.
  uint64_t every = 0;
  // Of the last record of each key alone.
  uint64_t final = 0;
};

// Reads all committed records of the topic. NotFound: there is none of that name.
absl::StatusOr<TopicDigest> DigestTopic(const std::string& topic, Log* log);

// As one JSON object.
std::string ToJson(const TopicDigest& digest);

}  // namespace millrace::bench::kafka
