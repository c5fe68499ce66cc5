// The times of hot-posts: where an event counts, and how far it brings the clock.
#pragma once

#include <algorithm>
#include <chrono>

#include "connectors/debezium/change.h"
#include "millrace/time.h"

namespace millrace::topologies::hot {

// An event may be ahead of its commit by a few minutes, because clients' clocks are. It counts at
// its own time then, but does not bring the clock there: one client must not end the hour for
// everybody.
inline Timestamp ClockTime(Timestamp event, const debezium::Source& source) {
  return source.time == kNoTimestamp ? event : std::min(event, source.time);
}

inline Timestamp FloorMinute(Timestamp time) {
  return std::chrono::floor<std::chrono::minutes>(time);
}

// The beginning of the bucket that a time is in.
inline Timestamp FloorBucket(Timestamp time, Duration bucket) {
  const Duration since = time.time_since_epoch();
  const auto whole = since / bucket - (since % bucket < Duration(0) ? 1 : 0);
  return Timestamp(bucket * whole);
}

}  // namespace millrace::topologies::hot
