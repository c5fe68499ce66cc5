// OwnNamesLog: a Log that shares its brokers with other tests: every topic, group and transactional
// id gets a prefix on its way in and loses it on its way out. Thread-safe as the log behind it is.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "millrace/forwarding_log.h"
#include "millrace/status.h"

namespace millrace::kafka_testing {

class OwnNamesLog : public Log {
 public:
  OwnNamesLog(std::unique_ptr<Log> log, std::string prefix)
      : log_(std::move(log)), prefix_(std::move(prefix)) {}

  absl::Status CreateTopic(const std::string& topic, const TopicConfig& config) override {
    return log_->CreateTopic(prefix_ + topic, config);
  }
  absl::Status AddPartitions(const std::string& topic, int32_t count) override {
    return log_->AddPartitions(prefix_ + topic, count);
  }
  absl::Status DeleteTopic(const std::string& topic) override {
    return log_->DeleteTopic(prefix_ + topic);
  }
  absl::StatusOr<TopicDescription> DescribeTopic(const std::string& topic) override {
    absl::StatusOr<TopicDescription> description = log_->DescribeTopic(prefix_ + topic);
    if (description.ok()) description->name = topic;
    return Readable(std::move(description));
  }
  absl::StatusOr<PartitionDescription> DescribeSettled(const TopicPartition& partition) override {
    return log_->DescribeSettled(Outer(partition));
  }
  absl::StatusOr<std::vector<std::string>> ListTopics() override { return Own(log_->ListTopics()); }
  absl::StatusOr<Offset> OffsetForTime(const TopicPartition& partition, Timestamp time) override {
    return log_->OffsetForTime(Outer(partition), time);
  }
  absl::Status DeleteRecordsBefore(const TopicPartition& partition, Offset offset) override {
    return log_->DeleteRecordsBefore(Outer(partition), offset);
  }
  absl::StatusOr<GroupOffsets> CommittedOffsets(const std::string& group) override {
    MR_ASSIGN_OR_RETURN(const GroupOffsets offsets, log_->CommittedOffsets(prefix_ + group));
    return Inner(offsets);
  }
  absl::StatusOr<GroupOffsets> CommittedOffsetsOf(
      const std::string& group, const std::vector<TopicPartition>& partitions) override {
    std::vector<TopicPartition> outer;
    for (const TopicPartition& partition : partitions) outer.push_back(Outer(partition));
    MR_ASSIGN_OR_RETURN(const GroupOffsets offsets,
                        log_->CommittedOffsetsOf(prefix_ + group, outer));
    return Inner(offsets);
  }
  absl::StatusOr<std::vector<std::string>> ListGroups() override { return Own(log_->ListGroups()); }
  absl::Status ResetOffsets(const std::string& group, const GroupOffsets& offsets) override {
    return log_->ResetOffsets(prefix_ + group, Outer(offsets));
  }

  absl::StatusOr<std::unique_ptr<LogReader>> NewReader() override {
    MR_ASSIGN_OR_RETURN(std::unique_ptr<LogReader> reader, log_->NewReader());
    return std::unique_ptr<LogReader>(std::make_unique<Reader>(this, std::move(reader)));
  }
  absl::StatusOr<std::unique_ptr<LogProducer>> NewProducer(
      const ProducerOptions& options) override {
    const std::string& id = options.transactional_id;
    MR_ASSIGN_OR_RETURN(std::unique_ptr<LogProducer> producer,
                        log_->NewProducer({.transactional_id = id.empty() ? id : prefix_ + id}));
    return std::unique_ptr<LogProducer>(std::make_unique<Producer>(this, std::move(producer)));
  }

 private:
  class Reader : public ForwardingReader {
   public:
    Reader(OwnNamesLog* log, std::unique_ptr<LogReader> reader)
        : ForwardingReader(std::move(reader)), log_(log) {}
    absl::Status Assign(const TopicPartition& partition, Offset start) override {
      return inner()->Assign(log_->Outer(partition), start);
    }
    void Unassign(const TopicPartition& partition) override {
      inner()->Unassign(log_->Outer(partition));
    }
    absl::StatusOr<RecordBatch> Fetch(const TopicPartition& partition, size_t bytes) override {
      return inner()->Fetch(log_->Outer(partition), bytes);
    }

   private:
    OwnNamesLog* const log_;
  };

  class Producer : public ForwardingProducer {
   public:
    Producer(OwnNamesLog* log, std::unique_ptr<LogProducer> producer)
        : ForwardingProducer(std::move(producer)), log_(log) {}
    absl::StatusOr<TopicHandle> OpenTopic(const std::string& topic) override {
      return inner()->OpenTopic(log_->prefix_ + topic);
    }
    absl::StatusOr<std::vector<ProducedRange>> Commit(const CommitRequest& request) override {
      CommitRequest outer = request;
      if (!request.group.empty()) outer.group = log_->prefix_ + request.group;
      outer.consumed = log_->Outer(request.consumed);
      MR_ASSIGN_OR_RETURN(std::vector<ProducedRange> ranges, inner()->Commit(outer));
      for (ProducedRange& range : ranges) range.partition = log_->Inner(range.partition);
      return ranges;
    }

   private:
    OwnNamesLog* const log_;
  };

  TopicPartition Outer(const TopicPartition& partition) const {
    return {prefix_ + partition.topic, partition.partition};
  }
  TopicPartition Inner(const TopicPartition& partition) const {
    return {partition.topic.substr(prefix_.size()), partition.partition};
  }
  GroupOffsets Inner(const GroupOffsets& offsets) const {
    GroupOffsets inner;
    for (const auto& [partition, offset] : offsets) inner[Inner(partition)] = offset;
    return inner;
  }
  GroupOffsets Outer(const GroupOffsets& offsets) const {
    GroupOffsets outer;
    for (const auto& [partition, offset] : offsets) outer[Outer(partition)] = offset;
    return outer;
  }
  absl::StatusOr<std::vector<std::string>> Own(absl::StatusOr<std::vector<std::string>> names) {
    if (!names.ok()) return names;
    std::vector<std::string> own;
    for (const std::string& name : *names) {
      if (name.starts_with(prefix_)) own.push_back(name.substr(prefix_.size()));
    }
    return own;
  }
  // Error messages name what the caller named.
  template <class T>
  absl::StatusOr<T> Readable(absl::StatusOr<T> value) const {
    if (value.ok()) return value;
    std::string message(value.status().message());
    for (size_t at = message.find(prefix_); at != std::string::npos; at = message.find(prefix_)) {
      message.erase(at, prefix_.size());
    }
    return absl::Status(value.status().code(), message);
  }

  const std::unique_ptr<Log> log_;
  const std::string prefix_;
};

}  // namespace millrace::kafka_testing
