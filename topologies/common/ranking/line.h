// A post in a feed as a straight line, and time as the axis on which it is one.
//
//   raw(t) = 0.30 e^(-λ (t - c)) + S        with c = created_at, S = 0.40 E + 0.30 A
//   raw(t) e^(λ (t - L)) = a + S U          with a = 0.30 e^(λ (c - L)), U = e^(λ (t - L))
//
// All posts of a feed are divided by the same e^(λ (t - L)), so their order at time t is the order
// of a + S U, and two posts change places once at most while their S stands: at
// U = (a1 - a2) / (S2 - S1). L, the landmark, is the start of the week of t: the order does not
// depend on it, but numbers stay small. a, S and U are rounded to fixed point; everything behind
// that is integers, so that the order is exact, total, and the same on every machine. Pure.
#pragma once

#include <cstdint>
#include <limits>

#include "absl/numeric/int128.h"
#include "millrace/time.h"
#include "topologies/common/ranking/score.h"

namespace millrace::topologies {

inline constexpr Timestamp kNever = Timestamp(Duration(std::numeric_limits<int64_t>::max()));
inline constexpr Duration kLandmarkPeriod = std::chrono::hours(24 * 7);

// A moment on the axis.
struct RankTime {
  Timestamp landmark;
  int64_t growth = kFixedOne;  // U, Q32; grows by more than 100 with each millisecond

  // Of the week that `at` is in.
  static RankTime Of(Timestamp at);
  // The same landmark. REQUIRES: at is less than 200 hours behind it.
  RankTime At(Timestamp at) const;
  Timestamp end() const { return landmark + kLandmarkPeriod; }
};

// What the order of a post depends on.
struct RankedPost {
  int64_t post = 0;
  int64_t author = 0;
  Timestamp created_at;
  Fixed engagement = 0;  // E
  Fixed affinity = 0;    // A
  bool operator==(const RankedPost&) const = default;
};

// Ten times a (Q64) and ten times S (Q32): weights are tenths, so nothing is rounded twice.
struct Line {
  absl::int128 start = 0;
  int64_t slope = 0;

  // A post that is not made yet counts as just made; from created_at on it has another line.
  static Line Of(const RankedPost& row, Timestamp now, Timestamp landmark);
  // Q64.
  absl::int128 At(int64_t growth) const { return start + absl::int128(slope) * growth; }
};

// The raw score at `now` as a double, for people; orders are made of lines.
double RawScoreOf(const RankedPost& row, Timestamp now);

// Of two posts with the same value the younger one is first, then the smaller id.
bool IsFirstOfEqual(const RankedPost& a, const RankedPost& b);

struct LinedPost {
  RankedPost row;
  Line line;
};
bool IsAbove(const LinedPost& a, const LinedPost& b, int64_t growth);

// The first millisecond, not before `from`, at which `lower` stands above `upper`; kNever if that
// is not before axis.end(). REQUIRES: `upper` stood above `lower` just before `from`.
Timestamp OvertakenAt(const LinedPost& upper, const LinedPost& lower, Timestamp from,
                      const RankTime& axis);

// The first of many crossings, without the cost of each: OvertakenAt is only asked where the real
// numbers could be the first.
class FirstCrossing {
 public:
  FirstCrossing(Timestamp from, const RankTime& axis) : from_(from), axis_(axis) {}
  void Look(const LinedPost& upper, const LinedPost& lower);
  Timestamp at() const { return at_; }

 private:
  const Timestamp from_;
  const RankTime axis_;
  double growth_ = std::numeric_limits<double>::infinity();  // of the first so far
  Timestamp at_ = kNever;
};

}  // namespace millrace::topologies
