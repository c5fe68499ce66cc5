#include "bench/kafka/topic_watch.h"

#include <algorithm>
#include <chrono>
#include <memory>

#include "millrace/status.h"

namespace millrace::bench::kafka {
namespace {

constexpr size_t kFetchBytes = 1 << 20;
constexpr Duration kWait{100};

double NowMillis() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double, std::milli>(now).count();
}

double Quantile(std::vector<float>* values, double q) {
  if (values->empty()) return 0;
  const auto at =
      values->begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(values->size() - 1));
  std::nth_element(values->begin(), at, values->end());
  return *at;
}

}  // namespace

absl::StatusOr<Latencies> WatchTopic(const WatchOptions& options, Log* log) {
  MR_ASSIGN_OR_RETURN(const TopicDescription topic, log->DescribeTopic(options.topic));
  MR_ASSIGN_OR_RETURN(const std::unique_ptr<LogReader> reader, log->NewReader());
  std::vector<TopicPartition> partitions;
  for (size_t i = 0; i < topic.partitions.size(); ++i) {
    partitions.push_back({options.topic, PartitionId(static_cast<int32_t>(i))});
    MR_RETURN_IF_ERROR(reader->Assign(partitions.back(), topic.partitions[i].end));
  }
  if (options.on_ready) options.on_ready();
  std::vector<float> latencies;
  int64_t seen = 0;
  while (!options.stop() && seen != options.records) {
    bool any = false;
    for (const TopicPartition& partition : partitions) {
      MR_ASSIGN_OR_RETURN(const RecordBatch batch, reader->Fetch(partition, kFetchBytes));
      if (batch.empty()) continue;
      any = true;
      const double now = NowMillis();
      for (const RecordView& record : batch.records) {
        if (seen++ < options.skip) continue;
        latencies.push_back(
            static_cast<float>(now - static_cast<double>(ToMillis(record.timestamp))));
      }
      if (options.on_batch) {
        options.on_batch(partition.partition, static_cast<int64_t>(batch.records.size()));
      }
    }
    if (!any) reader->Wait(kWait);
  }
  return Latencies{.records = seen,
                   .p50 = Quantile(&latencies, 0.5),
                   .p99 = Quantile(&latencies, 0.99),
                   .p999 = Quantile(&latencies, 0.999)};
}

}  // namespace millrace::bench::kafka
