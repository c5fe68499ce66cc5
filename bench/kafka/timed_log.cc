#include "bench/kafka/timed_log.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "millrace/status.h"

namespace millrace::bench::kafka {
namespace {

class TimedProducer : public LogProducer {
 public:
  TimedProducer(std::unique_ptr<LogProducer> inner, CommitTimes* times)
      : inner_(std::move(inner)), times_(times) {}

  absl::StatusOr<TopicHandle> OpenTopic(const std::string& topic) override {
    return inner_->OpenTopic(topic);
  }
  absl::Status Produce(TopicHandle topic, PartitionId partition,
                       const OutgoingRecord& record) override {
    return inner_->Produce(topic, partition, record);
  }
  size_t PendingBytes() const override { return inner_->PendingBytes(); }
  absl::StatusOr<std::vector<ProducedRange>> Commit(const CommitRequest& request) override {
    const auto start = std::chrono::steady_clock::now();
    auto result = inner_->Commit(request);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    if (result.ok()) times_->Add(took.count());
    return result;
  }
  absl::Status Abort() override { return inner_->Abort(); }

 private:
  const std::unique_ptr<LogProducer> inner_;
  CommitTimes* const times_;
};

class TimedLog : public Log {
 public:
  TimedLog(Log* inner, CommitTimes* times) : inner_(inner), times_(times) {}

  absl::Status CreateTopic(const std::string& topic, const TopicConfig& config) override {
    return inner_->CreateTopic(topic, config);
  }
  absl::Status AddPartitions(const std::string& topic, int32_t new_count) override {
    return inner_->AddPartitions(topic, new_count);
  }
  absl::Status SetRetention(const std::string& topic, std::optional<Duration> retention) override {
    return inner_->SetRetention(topic, retention);
  }
  absl::Status DeleteTopic(const std::string& topic) override { return inner_->DeleteTopic(topic); }
  absl::StatusOr<TopicDescription> DescribeTopic(const std::string& topic) override {
    return inner_->DescribeTopic(topic);
  }
  absl::StatusOr<TopicConfig> DescribeConfig(const std::string& topic) override {
    return inner_->DescribeConfig(topic);
  }
  absl::StatusOr<std::vector<PartitionDescription>> DescribePartitions(
      const std::string& topic) override {
    return inner_->DescribePartitions(topic);
  }
  absl::StatusOr<PartitionDescription> DescribeSettled(const TopicPartition& partition) override {
    return inner_->DescribeSettled(partition);
  }
  absl::StatusOr<std::vector<std::string>> ListTopics() override { return inner_->ListTopics(); }
  absl::StatusOr<Offset> OffsetForTime(const TopicPartition& partition, Timestamp time) override {
    return inner_->OffsetForTime(partition, time);
  }
  absl::Status DeleteRecordsBefore(const TopicPartition& partition, Offset offset) override {
    return inner_->DeleteRecordsBefore(partition, offset);
  }
  absl::StatusOr<GroupOffsets> CommittedOffsets(const std::string& group) override {
    return inner_->CommittedOffsets(group);
  }
  absl::StatusOr<GroupOffsets> CommittedOffsetsOf(
      const std::string& group, const std::vector<TopicPartition>& partitions) override {
    return inner_->CommittedOffsetsOf(group, partitions);
  }
  absl::StatusOr<std::vector<std::string>> ListGroups() override { return inner_->ListGroups(); }
  absl::Status ResetOffsets(const std::string& group, const GroupOffsets& offsets) override {
    return inner_->ResetOffsets(group, offsets);
  }
  absl::StatusOr<std::unique_ptr<LogReader>> NewReader() override { return inner_->NewReader(); }
  absl::StatusOr<std::unique_ptr<LogProducer>> NewProducer(
      const ProducerOptions& options) override {
    MR_ASSIGN_OR_RETURN(std::unique_ptr<LogProducer> producer, inner_->NewProducer(options));
    return std::unique_ptr<LogProducer>(
        std::make_unique<TimedProducer>(std::move(producer), times_));
  }
  absl::StatusOr<GroupDescription> DescribeGroup(const std::string& group) override {
    return inner_->DescribeGroup(group);
  }
  bool HasTaskGroups() const override { return inner_->HasTaskGroups(); }
  absl::StatusOr<std::unique_ptr<TaskGroup>> JoinTaskGroup(
      const TaskGroupOptions& options) override {
    return inner_->JoinTaskGroup(options);
  }

 private:
  Log* const inner_;
  CommitTimes* const times_;
};

}  // namespace

void CommitTimes::Add(double millis) {
  const std::lock_guard lock(mutex_);
  millis_.push_back(millis);
}

int64_t CommitTimes::count() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int64_t>(millis_.size());
}

double CommitTimes::Quantile(double q) const {
  const std::lock_guard lock(mutex_);
  if (millis_.empty()) return 0;
  std::vector<double> sorted = millis_;
  std::sort(sorted.begin(), sorted.end());
  return sorted[static_cast<size_t>(q * static_cast<double>(sorted.size() - 1))];
}

std::unique_ptr<Log> NewTimedLog(Log* log, CommitTimes* times) {
  return std::make_unique<TimedLog>(log, times);
}

}  // namespace millrace::bench::kafka
