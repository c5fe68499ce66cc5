#include "generator/pace.h"

#include <array>

namespace millrace::gen {
namespace {

constexpr uint64_t kBurstStream = 31;
constexpr std::chrono::minutes kBurst(10);
constexpr uint64_t kBurstsOneIn = 60;
// By hour of the day, UTC.
constexpr std::array<int64_t, 24> kDay = {400,  400,  400,  400,  400,  450,  550,  700,
                                          900,  1200, 1500, 1600, 1500, 1500, 1600, 1500,
                                          1350, 1200, 1050, 950,  850,  700,  550,  450};

}  // namespace

int64_t Pace::Factor() const {
  const auto day = std::chrono::floor<std::chrono::days>(now_);
  const auto hour = static_cast<size_t>(std::chrono::floor<std::chrono::hours>(now_ - day).count());
  int64_t factor = kDay[hour];
  const std::chrono::weekday weekday(day);
  if (weekday == std::chrono::Saturday || weekday == std::chrono::Sunday) factor = factor * 7 / 10;
  const auto window = static_cast<uint64_t>(now_.time_since_epoch() / kBurst);
  if (RandomKey(options_.seed, kBurstStream, window) % kBurstsOneIn == 0) factor *= 10;
  return factor;
}

RowTime Pace::Advance(uint64_t n, Draws& draws) {
  if (!options_.lifelike) {
    const int64_t gap = options_.gap.count();
    const auto jitter = static_cast<int64_t>(draws.Below(static_cast<uint64_t>(gap) + 1));
    now_ = options_.start + std::chrono::microseconds(static_cast<int64_t>(n) * gap + jitter);
  } else {
    const auto twice = static_cast<uint64_t>(options_.gap.count() * 2000 / Factor());
    now_ += std::chrono::microseconds(draws.Below(twice + 1));
  }
  return now_;
}

}  // namespace millrace::gen
