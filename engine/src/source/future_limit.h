// FutureLimit: event times that lie too far ahead of the clock. One such record would close all
// windows and expire all state of its task, so it is poison instead.
#pragma once

#include <optional>

#include "millrace/time.h"

namespace millrace {

class FutureLimit {
 public:
  // No limit.
  FutureLimit() = default;
  // `clock` must outlive the limit.
  FutureLimit(const Clock* clock, std::optional<Duration> max_skew)
      : clock_(clock), max_skew_(max_skew) {}

  bool Exceeded(Timestamp time) {
    if (!max_skew_.has_value() || time <= limit_) return false;
    // The clock only moves on, so it is read again only when the limit seems to be exceeded.
    limit_ = clock_->Now() + *max_skew_;
    return time > limit_;
  }

  const std::optional<Duration>& max_skew() const { return max_skew_; }

 private:
  const Clock* clock_ = nullptr;
  std::optional<Duration> max_skew_;
  Timestamp limit_ = Timestamp::min();
};

}  // namespace millrace
