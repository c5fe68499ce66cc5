// IdleTime: how a task's stream time goes on while no record comes: from the last one's on, as fast
// as the wall clock (TopologyOptions::advance_when_idle). Thread: the task's.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "millrace/time.h"

namespace millrace {

class IdleTime {
 public:
  // Nullopt: it stands still.
  explicit IdleTime(std::optional<Duration> after) : after_(after) {}

  void OnRecords(std::chrono::nanoseconds now, Timestamp stream_time) {
    last_records_ = last_tick_ = now;
    base_ = stream_time;
  }

  // The time that it has come to, a few times per second; nullopt: nothing to do. Monotonic `now`.
  std::optional<Timestamp> Tick(std::chrono::nanoseconds now) {
    constexpr std::chrono::milliseconds kBetweenTicks(200);
    if (!after_.has_value() || base_ == kNoTimestamp || now - last_records_ < *after_ ||
        now - last_tick_ < kBetweenTicks) {
      return std::nullopt;
    }
    last_tick_ = now;
    return base_ + std::chrono::duration_cast<Duration>(now - last_records_);
  }

  // Something was done because of that time: it has to outlive a restart.
  void Keep(Timestamp time) {
    kept_ = std::max(kept_, time);
    changed_ = true;
  }
  void Restore(Timestamp time) { kept_ = std::max(kept_, time); }
  Timestamp kept() const { return kept_; }
  bool changed() const { return changed_; }
  void OnCommitted() { changed_ = false; }

 private:
  const std::optional<Duration> after_;
  std::chrono::nanoseconds last_records_{0};
  std::chrono::nanoseconds last_tick_{0};
  Timestamp base_ = kNoTimestamp;
  Timestamp kept_ = kNoTimestamp;
  bool changed_ = false;
};

}  // namespace millrace
