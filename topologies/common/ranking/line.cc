// Compiled with -ffp-contract=off, as exact_math.cc is.
#include "topologies/common/ranking/line.h"

#include <algorithm>
#include <cmath>

#include "topologies/common/ranking/exact_math.h"

namespace millrace::topologies {
namespace {

constexpr double kDecayPerMilli = kDecayPerHour / 3'600'000.0;

double GrowthOf(Duration since_landmark) {
  return ExactExp(kDecayPerMilli * static_cast<double>(since_landmark.count()));
}

// 10 a in Q64.
absl::int128 StartOf(Timestamp created_at, Timestamp landmark) {
  const double tenths = 10 * kFreshnessWeight * GrowthOf(created_at - landmark);
  return absl::int128(std::floor(std::ldexp(tenths, 64) + 0.5));
}

}  // namespace

RankTime RankTime::Of(Timestamp at) {
  const auto weeks =
      std::chrono::floor<std::chrono::duration<int64_t, std::ratio<604800>>>(at.time_since_epoch());
  return RankTime{.landmark = Timestamp(weeks)}.At(at);
}

RankTime RankTime::At(Timestamp at) const {
  return {.landmark = landmark, .growth = ToFixed(GrowthOf(at - landmark))};
}

Line Line::Of(const RankedPost& row, Timestamp now, Timestamp landmark) {
  const int64_t slope = 4 * row.engagement + 3 * row.affinity;
  if (row.created_at > now) return {.start = 0, .slope = slope + 3 * kFixedOne};
  return {.start = StartOf(row.created_at, landmark), .slope = slope};
}

double RawScoreOf(const RankedPost& row, Timestamp now) {
  return RawScore({.freshness = Freshness(now - row.created_at),
                   .engagement = FromFixed(row.engagement),
                   .affinity = FromFixed(row.affinity)});
}

bool IsFirstOfEqual(const RankedPost& a, const RankedPost& b) {
  return a.created_at != b.created_at ? a.created_at > b.created_at : a.post < b.post;
}

bool IsAbove(const LinedPost& a, const LinedPost& b, int64_t growth) {
  const absl::int128 at_a = a.line.At(growth);
  const absl::int128 at_b = b.line.At(growth);
  return at_a != at_b ? at_a > at_b : IsFirstOfEqual(a.row, b.row);
}

// U at which the real lines cross. REQUIRES: `lower` is the faster one.
double CrossingOf(const LinedPost& upper, const LinedPost& lower) {
  const int64_t faster = lower.line.slope - upper.line.slope;
  const absl::int128 ahead = upper.line.start - lower.line.start;
  return std::ldexp(static_cast<double>(ahead), -32) / static_cast<double>(faster);
}

Timestamp OvertakenAt(const LinedPost& upper, const LinedPost& lower, Timestamp from,
                      const RankTime& axis) {
  if (lower.line.slope <= upper.line.slope) return kNever;
  const auto overtaken = [&](Timestamp at) { return IsAbove(lower, upper, axis.At(at).growth); };
  const absl::int128 ahead = upper.line.start - lower.line.start;
  if (ahead <= 0 || overtaken(from)) return from;
  // Where the real numbers meet, then the first millisecond behind that by the exact ones.
  const double millis = ExactLog(CrossingOf(upper, lower)) / kDecayPerMilli;
  if (millis > static_cast<double>(kLandmarkPeriod.count()) + 2) return kNever;
  Timestamp at = std::max(from, axis.landmark + Duration(static_cast<int64_t>(millis)));
  while (!overtaken(at)) at += Duration(1);
  while (at > from && overtaken(at - Duration(1))) at -= Duration(1);
  return at < axis.end() ? at : kNever;
}

void FirstCrossing::Look(const LinedPost& upper, const LinedPost& lower) {
  if (lower.line.slope <= upper.line.slope) return;
  const double growth = CrossingOf(upper, lower);
  // Within a millisecond of each other the exact numbers decide.
  if (growth > growth_ * (1 + 1e-7)) return;
  growth_ = std::min(growth_, growth);
  at_ = std::min(at_, OvertakenAt(upper, lower, from_, axis_));
}

}  // namespace millrace::topologies
