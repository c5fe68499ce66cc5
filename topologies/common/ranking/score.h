// The score of a post in a feed: raw = 0.30 F + 0.40 E + 0.30 A. Pure; any thread.
//
//   F  freshness   e^(-0.10 * hours since the post was made)
//   E  engagement  log1p((likes + 2 comments + 3 shares) / impressions), of the post
//   A  affinity    log1p(interactions of the last 90 days), of the reader with the author
//
// Raw scores have no upper bound and are what feeds are ordered by. What is shown is
// relevance = raw / (1 + raw), which is in [0, 1) and keeps the order; a score that is cut off at 1
// would make one tie of the whole top of a page.
#pragma once

#include <cstdint>

#include "millrace/time.h"

namespace millrace::topologies {

inline constexpr double kFreshnessWeight = 0.30;
inline constexpr double kEngagementWeight = 0.40;
inline constexpr double kAffinityWeight = 0.30;
inline constexpr double kDecayPerHour = 0.10;

struct PostCounts {
  int64_t likes = 0;
  int64_t comments = 0;
  int64_t shares = 0;
  int64_t impressions = 0;
};

enum class EngagementProfile : uint8_t {
  kRequirements,  // the formula to the letter; without impressions, as if there were one
  kRobust,        // with a prior of 100 impressions and 2, so that one share of one view is no hit
};

double Freshness(Duration age);  // of a post from the future: 1
double Engagement(const PostCounts& counts,
                  EngagementProfile profile = EngagementProfile::kRequirements);
double Affinity(int64_t interactions);

struct ScoreParts {
  double freshness = 0;
  double engagement = 0;
  double affinity = 0;
};
double RawScore(const ScoreParts& parts);
double Relevance(double raw);

// Numbers that decide an order are rounded to 32 bits behind the point (Q32) first.
using Fixed = int64_t;
inline constexpr Fixed kFixedOne = Fixed{1} << 32;
// To the nearest. REQUIRES: |value| < 2^30.
Fixed ToFixed(double value);
double FromFixed(Fixed value);

}  // namespace millrace::topologies
