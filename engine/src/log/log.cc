#include "millrace/log.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "millrace/status.h"

namespace millrace {

absl::StatusOr<RecordBatch> FetchOnward(LogReader* reader, const TopicPartition& partition,
                                        Offset next, size_t max_bytes, Duration patience) {
  constexpr Duration kGlance(100);
  const std::chrono::nanoseconds started = Clock::System()->Monotonic();
  while (true) {
    MR_ASSIGN_OR_RETURN(RecordBatch batch, reader->Fetch(partition, max_bytes));
    if (batch.next_offset > next) return batch;
    if (Clock::System()->Monotonic() - started > patience) {
      return absl::UnavailableError(
          absl::StrCat(partition.ToString(), ": nothing comes behind offset ", next.value()));
    }
    reader->Wait(kGlance);
  }
}

// Of a log whose commits are over when they return.
absl::StatusOr<PartitionDescription> Log::DescribeSettled(const TopicPartition& partition) {
  MR_ASSIGN_OR_RETURN(const TopicDescription topic, DescribeTopic(partition.topic));
  const int32_t index = partition.partition.value();
  if (index >= 0 && index < static_cast<int32_t>(topic.partitions.size())) {
    return topic.partitions[static_cast<size_t>(index)];
  }
  return absl::NotFoundError(
      absl::StrCat("topic '", partition.topic, "' has no partition ", index));
}

absl::StatusOr<TopicConfig> Log::DescribeConfig(const std::string& topic) {
  MR_ASSIGN_OR_RETURN(TopicDescription described, DescribeTopic(topic));
  return std::move(described.config);
}

absl::StatusOr<std::vector<PartitionDescription>> Log::DescribePartitions(
    const std::string& topic) {
  MR_ASSIGN_OR_RETURN(TopicDescription described, DescribeTopic(topic));
  return std::move(described.partitions);
}

absl::StatusOr<GroupOffsets> Log::CommittedOffsetsOf(
    const std::string& group, const std::vector<TopicPartition>& partitions) {
  MR_ASSIGN_OR_RETURN(const GroupOffsets all, CommittedOffsets(group));
  GroupOffsets found;
  for (const TopicPartition& partition : partitions) {
    if (const auto at = all.find(partition); at != all.end()) found.insert(*at);
  }
  return found;
}

}  // namespace millrace
