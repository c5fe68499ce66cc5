// Event time, and the clock through which the engine sees real time.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>

namespace millrace {

// Milliseconds since the epoch: the resolution of Kafka's record timestamps.
using Duration = std::chrono::milliseconds;
using Timestamp = std::chrono::sys_time<Duration>;

constexpr Timestamp TimestampFromMillis(int64_t millis) { return Timestamp(Duration(millis)); }
constexpr int64_t ToMillis(Timestamp timestamp) { return timestamp.time_since_epoch().count(); }

// "No time yet": a record without a timestamp, a stream without a record. Kafka's -1.
inline constexpr Timestamp kNoTimestamp = TimestampFromMillis(-1);

// The only way in which the engine reads time, so that a test or a simulation owns it.
// Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Wall-clock time.
  virtual Timestamp Now() const = 0;
  // A time that never goes back, for intervals. Its zero is arbitrary.
  virtual std::chrono::nanoseconds Monotonic() const = 0;

  // The machine's clock. Lives for ever.
  static Clock* System();
};

// A clock that moves only when it is told to. Monotonic() is the time since the epoch.
class ManualClock : public Clock {
 public:
  explicit ManualClock(Timestamp start = TimestampFromMillis(0)) : now_(start) {}
  Timestamp Now() const override;
  std::chrono::nanoseconds Monotonic() const override;
  void Advance(Duration by);

 private:
  mutable std::mutex mutex_;
  Timestamp now_;
};

}  // namespace millrace
