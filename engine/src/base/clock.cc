#include "millrace/time.h"

namespace millrace {
namespace {

class SystemClock : public Clock {
 public:
  Timestamp Now() const override {
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
  }
  std::chrono::nanoseconds Monotonic() const override {
    return std::chrono::steady_clock::now().time_since_epoch();
  }
};

}  // namespace

Clock* Clock::System() {
  static SystemClock clock;
  return &clock;
}

Timestamp ManualClock::Now() const {
  std::lock_guard lock(mutex_);
  return now_;
}

std::chrono::nanoseconds ManualClock::Monotonic() const { return Now().time_since_epoch(); }

void ManualClock::Advance(Duration by) {
  std::lock_guard lock(mutex_);
  now_ += by;
}

}  // namespace millrace
