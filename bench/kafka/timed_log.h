// A Log that measures how long its producers' commits take. Everything else goes straight through.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "millrace/log.h"

namespace millrace::bench::kafka {

// Milliseconds of each commit that succeeded. Thread-safe.
class CommitTimes {
 public:
  void Add(double millis);
  int64_t count() const;
  // The q-quantile (0..1); 0 without commits.
  double Quantile(double q) const;

 private:
  mutable std::mutex mutex_;
  std::vector<double> millis_;
};

// Both are borrowed and outlive the result.
std::unique_ptr<Log> NewTimedLog(Log* log, CommitTimes* times);

}  // namespace millrace::bench::kafka
