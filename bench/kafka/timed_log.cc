#include "bench/kafka/timed_log.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "millrace/forwarding_log.h"
#include "millrace/status.h"

namespace millrace::bench::kafka {
namespace {

class TimedProducer : public ForwardingProducer {
 public:
  TimedProducer(std::unique_ptr<LogProducer> inner, CommitTimes* times)
      : ForwardingProducer(std::move(inner)), times_(times) {}

  absl::StatusOr<std::vector<ProducedRange>> Commit(const CommitRequest& request) override {
    const auto start = std::chrono::steady_clock::now();
    auto result = inner()->Commit(request);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
    if (result.ok()) times_->Add(took.count());
    return result;
  }

 private:
  CommitTimes* const times_;
};

class TimedLog : public ForwardingLog {
 public:
  TimedLog(Log* inner, CommitTimes* times) : ForwardingLog(inner), times_(times) {}

  absl::StatusOr<std::unique_ptr<LogProducer>> NewProducer(
      const ProducerOptions& options) override {
    MR_ASSIGN_OR_RETURN(std::unique_ptr<LogProducer> producer, inner()->NewProducer(options));
    return std::unique_ptr<LogProducer>(
        std::make_unique<TimedProducer>(std::move(producer), times_));
  }

 private:
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
