#include "integration/kafka/campaign/log_scan.h"

#include <poll.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "millrace/status.h"

namespace millrace::campaign {
namespace {

constexpr size_t kFetchBytes = 1 << 20;
constexpr Duration kPatience = std::chrono::seconds(30);
constexpr Duration kWait{100};

absl::Status ScanPartition(const TopicPartition& partition, const PartitionDescription& bounds,
                           LogReader* reader,
                           const std::function<void(int32_t, const RecordView&)>& visit) {
  MR_RETURN_IF_ERROR(reader->Assign(partition, bounds.begin));
  Duration waited{0};
  for (Offset next = bounds.begin; next < bounds.end;) {
    MR_ASSIGN_OR_RETURN(const RecordBatch batch, reader->Fetch(partition, kFetchBytes));
    for (const RecordView& record : batch.records) visit(partition.partition.value(), record);
    if (batch.next_offset != next) {
      waited = Duration(0);
      next = batch.next_offset;
      continue;
    }
    if (waited > kPatience) {
      return absl::UnavailableError(absl::StrCat(partition.ToString(), " cannot be read beyond ",
                                                 next.value(), " of ", bounds.end.value()));
    }
    reader->Wait(kWait);
    waited += kWait;
  }
  reader->Unassign(partition);
  return absl::OkStatus();
}

}  // namespace

absl::Status ScanTopic(const std::string& topic, Log* log,
                       const std::function<void(int32_t, const RecordView&)>& visit) {
  MR_ASSIGN_OR_RETURN(const TopicDescription description, log->DescribeTopic(topic));
  MR_ASSIGN_OR_RETURN(const std::unique_ptr<LogReader> reader, log->NewReader());
  for (size_t p = 0; p < description.partitions.size(); ++p) {
    MR_RETURN_IF_ERROR(ScanPartition({topic, PartitionId(static_cast<int32_t>(p))},
                                     description.partitions[p], reader.get(), visit));
  }
  return absl::OkStatus();
}

void Pause(Duration time) { ::poll(nullptr, 0, static_cast<int>(time.count())); }

}  // namespace millrace::campaign
