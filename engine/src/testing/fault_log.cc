#include "testing/fault_log.h"

#include <utility>

#include "millrace/forwarding_log.h"
#include "millrace/status.h"

namespace millrace {
namespace {

class FaultReader : public ForwardingReader {
 public:
  FaultReader(std::unique_ptr<LogReader> reader, const Faults* faults)
      : ForwardingReader(std::move(reader)), faults_(faults) {}

  absl::StatusOr<RecordBatch> Fetch(const TopicPartition& partition, size_t max_bytes) override {
    if (faults_->on_fetch) MR_RETURN_IF_ERROR(faults_->on_fetch());
    return inner()->Fetch(partition, max_bytes);
  }

 private:
  const Faults* const faults_;
};

class FaultProducer : public ForwardingProducer {
 public:
  FaultProducer(std::unique_ptr<LogProducer> producer, const Faults* faults)
      : ForwardingProducer(std::move(producer)), faults_(faults) {}

  absl::StatusOr<std::vector<ProducedRange>> Commit(const CommitRequest& request) override {
    switch (faults_->on_commit ? faults_->on_commit() : CommitFault::kNone) {
      case CommitFault::kNone:
        break;
      case CommitFault::kNoSpace:
        return absl::ResourceExhaustedError("injected: no space");
      case CommitFault::kUnavailable:
        MR_RETURN_IF_ERROR(inner()->Abort());
        return absl::UnavailableError("injected: the log is away");
      case CommitFault::kUnknownBefore:
        MR_RETURN_IF_ERROR(inner()->Abort());
        return absl::UnknownError("injected: no answer");
      case CommitFault::kUnknownAfter:
        MR_RETURN_IF_ERROR(inner()->Commit(request).status());
        return absl::UnknownError("injected: the answer was lost");
    }
    return inner()->Commit(request);
  }

 private:
  const Faults* const faults_;
};

class FaultLog : public ForwardingLog {
 public:
  FaultLog(Log* log, const Faults* faults) : ForwardingLog(log), faults_(faults) {}

  absl::StatusOr<std::unique_ptr<LogReader>> NewReader() override {
    MR_ASSIGN_OR_RETURN(std::unique_ptr<LogReader> reader, inner()->NewReader());
    return std::make_unique<FaultReader>(std::move(reader), faults_);
  }
  absl::StatusOr<std::unique_ptr<LogProducer>> NewProducer(
      const ProducerOptions& options) override {
    MR_ASSIGN_OR_RETURN(std::unique_ptr<LogProducer> producer, inner()->NewProducer(options));
    return std::make_unique<FaultProducer>(std::move(producer), faults_);
  }

 private:
  const Faults* const faults_;
};

}  // namespace

std::unique_ptr<Log> NewFaultLog(Log* log, const Faults* faults) {
  return std::make_unique<FaultLog>(log, faults);
}

}  // namespace millrace
