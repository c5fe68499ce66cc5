#include "integration/kafka/campaign/follower.h"

#include <chrono>
#include <fstream>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "integration/kafka/campaign/log_scan.h"
#include "integration/kafka/campaign/seen.h"
#include "integration/kafka/campaign/topology.h"
#include "millrace/status.h"

namespace millrace::campaign {
namespace {

constexpr size_t kFetchBytes = 1 << 20;
constexpr Duration kWait{50};
constexpr std::chrono::milliseconds kBetweenReports(200);

class Follower {
 public:
  Follower(const FollowOptions& options, Log* log, SeenWriter seen)
      : options_(options), log_(log), seen_(std::move(seen)), back_(options.regressions_file) {}

  absl::Status Run() {
    MR_RETURN_IF_ERROR(Start());
    while (!options_.stop()) {
      MR_ASSIGN_OR_RETURN(const bool any, ReadSome());
      if (!any) reader_->Wait(kWait);
      const auto now = std::chrono::steady_clock::now();
      if (now - reported_ < kBetweenReports) continue;
      reported_ = now;
      options_.on_progress(records_, Lag());
    }
    back_.close();
    if (!back_) return absl::UnavailableError("regressions cannot be written");
    return seen_.Flush();
  }

 private:
  absl::Status Start() {
    MR_ASSIGN_OR_RETURN(reader_, log_->NewReader());
    for (size_t t = 0; t < std::size(kOutputs); ++t) {
      MR_ASSIGN_OR_RETURN(const TopicDescription topic, log_->DescribeTopic(kOutputs[t]));
      for (size_t p = 0; p < topic.partitions.size(); ++p) {
        partitions_.push_back(
            {static_cast<int64_t>(t), {kOutputs[t], PartitionId(static_cast<int32_t>(p))}});
        MR_RETURN_IF_ERROR(reader_->Assign(partitions_.back().second, topic.partitions[p].begin));
      }
    }
    return absl::OkStatus();
  }

  absl::StatusOr<bool> ReadSome() {
    bool any = false;
    for (const auto& [topic, partition] : partitions_) {
      absl::StatusOr<RecordBatch> batch = reader_->Fetch(partition, kFetchBytes);
      if (absl::IsUnavailable(batch.status())) continue;
      MR_RETURN_IF_ERROR(batch.status());
      for (const RecordView& record : batch->records) {
        seen_.Add(topic, partition.partition.value(), record);
      }
      records_ += static_cast<int64_t>(batch->records.size());
      any |= !batch->empty();
    }
    return any;
  }

  // Of all topics that the group has positions in.
  int64_t Lag() {
    const absl::StatusOr<GroupOffsets> offsets = log_->CommittedOffsets(options_.application);
    if (!offsets.ok()) return -1;
    int64_t lag = 0;
    std::map<std::string, TopicDescription> topics;
    for (const auto& [partition, position] : *offsets) {
      CompareWithLast(partition, position.next);
      auto it = topics.find(partition.topic);
      if (it == topics.end()) {
        absl::StatusOr<TopicDescription> topic = log_->DescribeTopic(partition.topic);
        if (!topic.ok()) return -1;
        it = topics.emplace(partition.topic, *std::move(topic)).first;
      }
      const auto p = static_cast<size_t>(partition.partition.value());
      lag += it->second.partitions.at(p).end - position.next;
    }
    return lag;
  }

  void CompareWithLast(const TopicPartition& partition, Offset next) {
    const auto [it, first] = last_.try_emplace(partition, next);
    if (next < it->second) {
      back_ << partition.ToString() << ": the group's position went from " << it->second.value()
            << " back to " << next.value() << std::endl;
    }
    it->second = next;
  }

  const FollowOptions& options_;
  Log* const log_;
  SeenWriter seen_;
  std::ofstream back_;
  std::unique_ptr<LogReader> reader_;
  std::vector<std::pair<int64_t, TopicPartition>> partitions_;  // with the topic's index
  std::map<TopicPartition, Offset> last_;
  std::chrono::steady_clock::time_point reported_;
  int64_t records_ = 0;
};

}  // namespace

absl::Status Follow(const FollowOptions& options, Log* log) {
  MR_ASSIGN_OR_RETURN(SeenWriter seen, SeenWriter::Open(options.seen_file));
  return Follower(options, log, std::move(seen)).Run();
}

}  // namespace millrace::campaign
