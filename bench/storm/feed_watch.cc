#include "bench/storm/feed_watch.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "millrace/status.h"
#include "schemas/topics.h"

namespace millrace::storm {
namespace {

constexpr size_t kFetchBytes = 4 << 20;

absl::StatusOr<TopicDescription> Describe(Log* log) {
  return log->DescribeTopic(topics::kFeedEntries.name());
}

}  // namespace

absl::StatusOr<std::unique_ptr<FeedWatch>> FeedWatch::Start(Log* log) {
  std::unique_ptr<FeedWatch> watch(new FeedWatch());
  MR_ASSIGN_OR_RETURN(const TopicDescription topic, Describe(log));
  MR_ASSIGN_OR_RETURN(watch->reader_, log->NewReader());
  for (size_t p = 0; p < topic.partitions.size(); ++p) {
    watch->partitions_.push_back(
        {topics::kFeedEntries.name(), PartitionId(static_cast<int32_t>(p))});
    MR_RETURN_IF_ERROR(watch->reader_->Assign(watch->partitions_[p], topic.partitions[p].end));
  }
  watch->thread_ = std::thread([raw = watch.get()] { raw->Run(); });
  return watch;
}

FeedWatch::~FeedWatch() {
  stop_ = true;
  reader_->Wake();
  thread_.join();
}

void FeedWatch::Expect(int64_t post, int64_t rows, Time sent) {
  const std::lock_guard lock(mutex_);
  expected_[post] = {.rows = rows, .sent = sent};
}

size_t FeedWatch::Outstanding() const {
  const std::lock_guard lock(mutex_);
  return expected_.size();
}

std::vector<double> FeedWatch::TakeDelays() {
  const std::lock_guard lock(mutex_);
  std::sort(delays_.begin(), delays_.end());
  return std::exchange(delays_, {});
}

void FeedWatch::Run() {
  while (!stop_) {
    bool any = false;
    for (const TopicPartition& partition : partitions_) {
      const absl::StatusOr<RecordBatch> batch = reader_->Fetch(partition, kFetchBytes);
      MR_CHECK(batch.ok(), std::string(batch.status().message()));
      if (batch->empty()) continue;
      any = true;
      See(*batch);
    }
    if (!any) reader_->Wait(Duration(50));
  }
}

void FeedWatch::See(const RecordBatch& batch) {
  const Time now = std::chrono::steady_clock::now();
  schemas::FeedKey key;
  const std::lock_guard lock(mutex_);
  for (const RecordView& record : batch.records) {
    if (!record.value.has_value()) continue;
    if (!Serde<schemas::FeedKey>::Decode(*record.key, &key).ok()) continue;
    const auto expected = expected_.find(key.post);
    if (expected == expected_.end() || --expected->second.rows > 0) continue;
    delays_.push_back(std::chrono::duration<double>(now - expected->second.sent).count());
    expected_.erase(expected);
  }
}

absl::StatusOr<Deliveries> CountDeliveries(Log* log, int64_t author) {
  MR_ASSIGN_OR_RETURN(const TopicDescription topic, Describe(log));
  MR_ASSIGN_OR_RETURN(const std::unique_ptr<LogReader> reader, log->NewReader());
  absl::flat_hash_map<int64_t, absl::flat_hash_set<int64_t>> readers;  // by post
  Deliveries found;
  schemas::FeedEntry entry;
  for (size_t p = 0; p < topic.partitions.size(); ++p) {
    const TopicPartition partition{topics::kFeedEntries.name(),
                                   PartitionId(static_cast<int32_t>(p))};
    MR_RETURN_IF_ERROR(reader->Assign(partition, topic.partitions[p].begin));
    while (true) {
      MR_ASSIGN_OR_RETURN(const RecordBatch batch, reader->Fetch(partition, kFetchBytes));
      if (batch.empty()) break;
      for (const RecordView& record : batch.records) {
        if (!record.value.has_value()) continue;
        MR_RETURN_IF_ERROR(Serde<schemas::FeedEntry>::Decode(*record.value, &entry));
        if (entry.author != author) continue;
        ++found.rows;
        if (!readers[entry.post].insert(entry.user).second) ++found.repeated;
      }
    }
  }
  found.posts = static_cast<int64_t>(readers.size());
  for (const auto& [post, users] : readers) {
    const auto rows = static_cast<int64_t>(users.size());
    if (found.rows_per_post_min == 0 || rows < found.rows_per_post_min) {
      found.rows_per_post_min = rows;
    }
  }
  return found;
}

}  // namespace millrace::storm
