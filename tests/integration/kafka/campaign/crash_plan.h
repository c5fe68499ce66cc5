// At which moment a worker of the campaign kills or freezes itself: "NAME@N" or "NAME@N:stop", from
// MILLRACE_CRASH_POINT. The N-th time that the point is reached, counted over all threads, the
// process gets SIGKILL, or SIGSTOP, from which the campaign wakes it up later.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "commit/crash_points.h"

namespace millrace::campaign {

// "polled" and "processed" are the topology's; the others are those of the commit protocol.
inline constexpr const char* kCrashPoints[] = {
    "polled",           "processed",      "before-changelog", "after-changelog",
    "after-log-commit", "between-stores", "after-apply"};

class CrashPlan {
 public:
  // Without a plan; nothing ever happens.
  CrashPlan() = default;
  // InvalidArgument: not of that form, or no such point.
  static absl::StatusOr<CrashPlan> Parse(const std::string& text);
  CrashPlan(const CrashPlan& other)
      : point_(other.point_), at_(other.at_), signal_(other.signal_) {}

  // Thread-safe.
  void Reached(std::string_view point);
  void Reached(CrashPoint point);

 private:
  std::string point_;
  int64_t at_ = 0;
  int signal_ = 0;
  std::atomic<int64_t> reached_{0};
};

}  // namespace millrace::campaign
