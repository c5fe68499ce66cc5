#include "bench/kafka/topic_digest.h"

#include <memory>
#include <unordered_map>

#include "absl/strings/str_format.h"
#include "base/checksum.h"
#include "millrace/partitioner.h"
#include "millrace/status.h"

namespace millrace::bench::kafka {
namespace {

constexpr size_t kFetchBytes = 1 << 20;
constexpr Duration kWait{100};

uint64_t HashOf(const RecordView& record, uint64_t seed) {
  const auto time = static_cast<uint64_t>(ToMillis(record.timestamp));
  const uint64_t key = Checksum64(record.key.value_or(""), seed + time);
  return Checksum64(record.value.value_or(""), key + (record.value.has_value() ? 1 : 0));
}

// One partition; keys lie in one partition only.
class PartitionDigest {
 public:
  PartitionDigest(PartitionId partition, int32_t partitions)
      : partition_(partition),
        partitions_(partitions),
        seed_(static_cast<uint64_t>(partition.value())) {}

  void Add(const RecordView& record, TopicDigest* sum) {
    ++sum->records;
    sum->bytes += static_cast<int64_t>(record.key.value_or("").size());
    sum->bytes += static_cast<int64_t>(record.value.value_or("").size());
    if (record.key.has_value() && PartitionForKey(*record.key, partitions_) != partition_) {
      ++sum->misplaced;
    }
    const uint64_t hash = HashOf(record, seed_);
    Key& key = keys_[std::string(record.key.value_or(""))];
    key.last = hash;
    key.chain = key.chain * 31 + hash;
  }
  void Finish(TopicDigest* sum) const {
    sum->keys += static_cast<int64_t>(keys_.size());
    for (const auto& [name, key] : keys_) {
      sum->every += key.chain;
      sum->final += key.last;
    }
  }

 private:
  struct Key {
    uint64_t chain = 0;
    uint64_t last = 0;
  };
  const PartitionId partition_;
  const int32_t partitions_;
  const uint64_t seed_;
  std::unordered_map<std::string, Key> keys_;
};

}  // namespace

absl::StatusOr<TopicDigest> DigestTopic(const std::string& topic, Log* log) {
  MR_ASSIGN_OR_RETURN(const TopicDescription description, log->DescribeTopic(topic));
  MR_ASSIGN_OR_RETURN(const std::unique_ptr<LogReader> reader, log->NewReader());
  TopicDigest sum;
  for (size_t i = 0; i < description.partitions.size(); ++i) {
    const TopicPartition partition{topic, PartitionId(static_cast<int32_t>(i))};
    const PartitionDescription& bounds = description.partitions[i];
    PartitionDigest digest(partition.partition,
                           static_cast<int32_t>(description.partitions.size()));
    MR_RETURN_IF_ERROR(reader->Assign(partition, bounds.begin));
    for (Offset next = bounds.begin; next < bounds.end;) {
      MR_ASSIGN_OR_RETURN(const RecordBatch batch, reader->Fetch(partition, kFetchBytes));
      for (const RecordView& record : batch.records) digest.Add(record, &sum);
      if (batch.next_offset == next) reader->Wait(kWait);
      next = batch.next_offset;
    }
    reader->Unassign(partition);
    digest.Finish(&sum);
  }
  return sum;
}

std::string ToJson(const TopicDigest& digest) {
  return absl::StrFormat(
      "{\"records\":%d,\"bytes\":%d,\"keys\":%d,\"misplaced\":%d,\"every\":\"%016x\",\"final\":\"%"
      "016x\"}",
      digest.records, digest.bytes, digest.keys, digest.misplaced, digest.every, digest.final);
}

}  // namespace millrace::bench::kafka
