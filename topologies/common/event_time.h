// The event time of a change: when what it tells of happened, as far as one can believe it. Pure.
#pragma once

#include <chrono>

#include "millrace/time.h"

namespace millrace::topologies {

// A clock that is ahead by no more than this is believed.
inline constexpr Duration kToleratedSkew = std::chrono::minutes(5);
// What is ahead by more than this cannot be.
inline constexpr Duration kLargestSkew = std::chrono::hours(24);

enum class TimeVerdict {
  kGood,
  kClamped,     // ahead of its arrival: it counts as if it had happened then
  kImpossible,  // before 1970, or more than a day ahead
};

// Judges `*time` by the time at which the log took the record, and sets it back if it must be.
inline TimeVerdict Judge(Timestamp arrived, Timestamp* time) {
  if (*time < Timestamp() || *time > arrived + kLargestSkew) return TimeVerdict::kImpossible;
  if (*time <= arrived + kToleratedSkew) return TimeVerdict::kGood;
  *time = arrived;
  return TimeVerdict::kClamped;
}

}  // namespace millrace::topologies
