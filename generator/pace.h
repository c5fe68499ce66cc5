// How fast things happen in a social network: the event time between two changes.
#pragma once

#include <chrono>
#include <cstdint>

#include "generator/change_rows.h"
#include "generator/random.h"

namespace millrace::gen {

struct PaceOptions {
  uint64_t seed = 1;
  RowTime start;
  std::chrono::microseconds gap{0};  // between two changes, on average
  // Days with two peaks (11:00 and 14:00) and quiet nights, weekends at 0.7, and now and then ten
  // minutes with ten times as much. Else steadily.
  bool lifelike = false;
};

// One thread.
class Pace {
 public:
  explicit Pace(const PaceOptions& options) : options_(options), now_(options.start) {}

  // The time of change `n`, of which `draws` are. Never goes back. Called for 0, 1, 2, …
  RowTime Advance(uint64_t n, Draws& draws);

 private:
  // Changes per time, in thousandths of the average.
  int64_t Factor() const;

  const PaceOptions options_;
  RowTime now_;
};

}  // namespace millrace::gen
