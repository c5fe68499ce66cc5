// Keys and values of what the local log keeps beside the batches: topics, partitions, positions.
//
//   column family "default"
//     "next_topic_id"        topic ids are never used again
//     "topic/" name          id and configuration
//     "partition/" id part   where a partition begins, and how far it was compacted
//   column family "offsets"
//     varint-prefixed group, varint-prefixed topic, partition -> next offset, metadata
//
// Values start with a version byte. Numbers in keys are big-endian, so that they sort.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "log/batch_format.h"
#include "millrace/log.h"

namespace millrace {

inline constexpr std::string_view kNextTopicIdKey = "next_topic_id";
inline constexpr std::string_view kTopicPrefix = "topic/";
inline constexpr std::string_view kPartitionPrefix = "partition/";

struct TopicRecord {
  uint32_t id = 0;
  TopicConfig config;
};

// A compaction that reached `end` was complete at that time.
struct CleanMark {
  Offset end;
  Timestamp at;
};

// A partition without such a record begins at 0.
struct PartitionRecord {
  Offset begin;
  // Below it no key occurs twice, `clean_bytes` lie there, and it is `clean_position` of the
  // partition's bytes as they were written.
  Offset clean_end;
  int64_t clean_bytes = 0;
  int64_t clean_position = 0;
  // Growing in both fields. Says for how long a tombstone has been the only record of its key.
  std::vector<CleanMark> marks;
};

struct GroupOffsetKey {
  std::string group;
  TopicPartition partition;
};

// DataLoss of the parsers: not such a key or value, or one of a newer version.
std::string TopicKey(std::string_view topic);
std::string EncodeTopic(const TopicRecord& record);
absl::StatusOr<TopicRecord> ParseTopic(std::string_view value);

std::string PartitionRecordKey(const PartitionKey& partition);
absl::StatusOr<PartitionKey> ParsePartitionRecordKey(std::string_view key);
std::string EncodePartition(const PartitionRecord& record);
absl::StatusOr<PartitionRecord> ParsePartition(std::string_view value);

std::string EncodeGroupOffsetKey(std::string_view group, const TopicPartition& partition);
absl::StatusOr<GroupOffsetKey> ParseGroupOffsetKey(std::string_view key);
std::string EncodeGroupOffset(const CommittedOffset& offset);
absl::StatusOr<CommittedOffset> ParseGroupOffset(std::string_view value);

std::string EncodeNumber(uint64_t number);
absl::StatusOr<uint64_t> ParseNumber(std::string_view value);

}  // namespace millrace
