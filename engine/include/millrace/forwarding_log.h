// ForwardingLog, ForwardingReader, ForwardingProducer: pass every call on to another log, reader or
// producer. A log that changes something (counts, renames, fails on purpose) derives from these and
// overrides what it changes.
//
// Thread-safe as what is behind them.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "millrace/log.h"

namespace millrace {

class ForwardingReader : public LogReader {
 public:
  explicit ForwardingReader(std::unique_ptr<LogReader> inner) : inner_(std::move(inner)) {}

  absl::Status Assign(const TopicPartition& partition, Offset start) override {
    return inner_->Assign(partition, start);
  }
  void Unassign(const TopicPartition& partition) override { inner_->Unassign(partition); }
  absl::StatusOr<RecordBatch> Fetch(const TopicPartition& partition, size_t max_bytes) override {
    return inner_->Fetch(partition, max_bytes);
  }
  void Wait(Duration timeout) override { inner_->Wait(timeout); }
  void Wake() override { inner_->Wake(); }

 protected:
  LogReader* inner() const { return inner_.get(); }

 private:
  const std::unique_ptr<LogReader> inner_;
};

class ForwardingProducer : public LogProducer {
 public:
  explicit ForwardingProducer(std::unique_ptr<LogProducer> inner) : inner_(std::move(inner)) {}

  absl::StatusOr<TopicHandle> OpenTopic(const std::string& topic) override {
    return inner_->OpenTopic(topic);
  }
  absl::Status Produce(TopicHandle topic, PartitionId partition,
                       const OutgoingRecord& record) override {
    return inner_->Produce(topic, partition, record);
  }
  size_t PendingBytes() const override { return inner_->PendingBytes(); }
  absl::StatusOr<std::vector<ProducedRange>> Commit(const CommitRequest& request) override {
    return inner_->Commit(request);
  }
  absl::Status Abort() override { return inner_->Abort(); }

 protected:
  LogProducer* inner() const { return inner_.get(); }

 private:
  const std::unique_ptr<LogProducer> inner_;
};

class ForwardingLog : public Log {
 public:
  // `inner` is borrowed and outlives this log, its readers and producers.
  explicit ForwardingLog(Log* inner) : inner_(inner) {}

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
  absl::StatusOr<PartitionDescription> DescribeSettled(const TopicPartition& partition) override {
    return inner_->DescribeSettled(partition);
  }
  absl::StatusOr<TopicConfig> DescribeConfig(const std::string& topic) override {
    return inner_->DescribeConfig(topic);
  }
  absl::StatusOr<std::vector<PartitionDescription>> DescribePartitions(
      const std::string& topic) override {
    return inner_->DescribePartitions(topic);
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
    return inner_->NewProducer(options);
  }
  absl::StatusOr<GroupDescription> DescribeGroup(const std::string& group) override {
    return inner_->DescribeGroup(group);
  }
  bool HasTaskGroups() const override { return inner_->HasTaskGroups(); }
  absl::StatusOr<std::unique_ptr<TaskGroup>> JoinTaskGroup(
      const TaskGroupOptions& options) override {
    return inner_->JoinTaskGroup(options);
  }

 protected:
  Log* inner() const { return inner_; }

 private:
  Log* const inner_;
};

}  // namespace millrace
