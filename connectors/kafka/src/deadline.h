// Deadline: how much longer an attempt may go on.
#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

#include "millrace/time.h"

namespace millrace::kafka {

class Deadline {
 public:
  explicit Deadline(Duration from_now) : end_(Clock::System()->Monotonic() + from_now) {}

  bool Passed() const { return Clock::System()->Monotonic() >= end_; }
  // At least 1 ms: the client library takes 0 for "do not wait".
  int LeftMs() const {
    const auto left =
        std::chrono::duration_cast<Duration>(end_ - Clock::System()->Monotonic()).count();
    return static_cast<int>(std::clamp<int64_t>(left, 1, 1'000'000));
  }
  int LeftMs(int at_most) const { return std::min(LeftMs(), at_most); }

  // Waits a moment before the next attempt; false: there is no time for one.
  bool Pause(Duration moment = Duration(20)) const {
    if (Passed()) return false;
    std::this_thread::sleep_for(std::min(moment, Duration(LeftMs())));
    return true;
  }

 private:
  std::chrono::nanoseconds end_;
};

}  // namespace millrace::kafka
