#include "testing/fault_log.h"

#include <utility>

#include "millrace/status.h"

namespace millrace {
namespace {

class FaultReader : public LogReader {
 public:
  FaultReader(std::unique_ptr<LogReader> reader, const Faults* faults)
      : reader_(std::move(reader)), faults_(faults) {}

  absl::Status Assign(const TopicPartition& partition, Offset start) override {
    return reader_->Assign(partition, start);
  }
  void Unassign(const TopicPartition& partition) override { reader_->Unassign(partition); }
  absl::StatusOr<RecordBatch> Fetch(const TopicPartition& partition, size_t max_bytes) override {
    if (faults_->on_fetch) MR_RETURN_IF_ERROR(faults_->on_fetch());
    return reader_->Fetch(partition, max_bytes);
  }
  void Wait(Duration timeout) override { reader_->Wait(timeout); }
  void Wake() override { reader_->Wake(); }

 private:
  const std::unique_ptr<LogReader> reader_;
  const Faults* const faults_;
};

class FaultProducer : public LogProducer {
 public:
  FaultProducer(std::unique_ptr<LogProducer> producer, const Faults* faults)
      : producer_(std::move(producer)), faults_(faults) {}

  absl::StatusOr<TopicHandle> OpenTopic(const std::string& topic) override {
    return producer_->OpenTopic(topic);
  }
  absl::Status Produce(TopicHandle topic, PartitionId partition,
                       const OutgoingRecord& record) override {
    return producer_->Produce(topic, partition, record);
  }
  size_t PendingBytes() const override { return producer_->PendingBytes(); }
  absl::Status Abort() override { return producer_->Abort(); }

  absl::StatusOr<std::vector<ProducedRange>> Commit(const CommitRequest& request) override {
    switch (faults_->on_commit ? faults_->on_commit() : CommitFault::kNone) {
      case CommitFault::kNone:
        break;
      case CommitFault::kNoSpace:
        return absl::ResourceExhaustedError("injected: no space");
      case CommitFault::kUnavailable:
        MR_RETURN_IF_ERROR(producer_->Abort());
        return absl::UnavailableError("injected: the log is away");
      case CommitFault::kUnknownBefore:
        MR_RETURN_IF_ERROR(producer_->Abort());
        return absl::UnknownError("injected: no answer");
      case CommitFault::kUnknownAfter:
        MR_RETURN_IF_ERROR(producer_->Commit(request).status());
        return absl::UnknownError("injected: the answer was lost");
    }
    return producer_->Commit(request);
  }

 private:
  const std::unique_ptr<LogProducer> producer_;
  const Faults* const faults_;
};

class FaultLog : public Log {
 public:
  FaultLog(Log* log, const Faults* faults) : log_(log), faults_(faults) {}

  absl::Status CreateTopic(const std::string& topic, const TopicConfig& config) override {
    return log_->CreateTopic(topic, config);
  }
  absl::Status AddPartitions(const std::string& topic, int32_t new_count) override {
    return log_->AddPartitions(topic, new_count);
  }
  absl::Status SetRetention(const std::string& topic, std::optional<Duration> retention) override {
    return log_->SetRetention(topic, retention);
  }
  absl::Status DeleteTopic(const std::string& topic) override { return log_->DeleteTopic(topic); }
  absl::StatusOr<TopicDescription> DescribeTopic(const std::string& topic) override {
    return log_->DescribeTopic(topic);
  }
  absl::StatusOr<PartitionDescription> DescribeSettled(const TopicPartition& partition) override {
    return log_->DescribeSettled(partition);
  }
  absl::StatusOr<std::vector<std::string>> ListTopics() override { return log_->ListTopics(); }
  absl::StatusOr<Offset> OffsetForTime(const TopicPartition& partition, Timestamp time) override {
    return log_->OffsetForTime(partition, time);
  }
  absl::Status DeleteRecordsBefore(const TopicPartition& partition, Offset offset) override {
    return log_->DeleteRecordsBefore(partition, offset);
  }
  absl::StatusOr<GroupOffsets> CommittedOffsets(const std::string& group) override {
    return log_->CommittedOffsets(group);
  }
  absl::StatusOr<std::vector<std::string>> ListGroups() override { return log_->ListGroups(); }
  absl::Status ResetOffsets(const std::string& group, const GroupOffsets& offsets) override {
    return log_->ResetOffsets(group, offsets);
  }
  absl::StatusOr<std::unique_ptr<LogReader>> NewReader() override {
    MR_ASSIGN_OR_RETURN(std::unique_ptr<LogReader> reader, log_->NewReader());
    return std::make_unique<FaultReader>(std::move(reader), faults_);
  }
  absl::StatusOr<std::unique_ptr<LogProducer>> NewProducer(
      const ProducerOptions& options) override {
    MR_ASSIGN_OR_RETURN(std::unique_ptr<LogProducer> producer, log_->NewProducer(options));
    return std::make_unique<FaultProducer>(std::move(producer), faults_);
  }

 private:
  Log* const log_;
  const Faults* const faults_;
};

}  // namespace

std::unique_ptr<Log> NewFaultLog(Log* log, const Faults* faults) {
  return std::make_unique<FaultLog>(log, faults);
}

}  // namespace millrace
