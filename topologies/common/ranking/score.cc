// Compiled with -ffp-contract=off, as exact_math.cc is.
#include "topologies/common/ranking/score.h"

#include <algorithm>
#include <cmath>

#include "topologies/common/ranking/exact_math.h"

namespace millrace::topologies {
namespace {

constexpr double kMillisPerHour = 3'600'000.0;
constexpr double kPriorImpressions = 100;
constexpr double kPriorRate = 0.02;

}  // namespace

double Freshness(Duration age) {
  const double hours = static_cast<double>(std::max(age, Duration(0)).count()) / kMillisPerHour;
  return ExactExp(-kDecayPerHour * hours);
}

double Engagement(const PostCounts& counts, EngagementProfile profile) {
  const auto weighted = static_cast<double>(counts.likes + 2 * counts.comments + 3 * counts.shares);
  const auto shown = static_cast<double>(counts.impressions);
  if (profile == EngagementProfile::kRobust) {
    return ExactLog1p((weighted + kPriorRate * kPriorImpressions) / (shown + kPriorImpressions));
  }
  return ExactLog1p(weighted / std::max(shown, 1.0));
}

double Affinity(int64_t interactions) {
  return ExactLog1p(static_cast<double>(std::max<int64_t>(interactions, 0)));
}

double RawScore(const ScoreParts& parts) {
  return kFreshnessWeight * parts.freshness + kEngagementWeight * parts.engagement +
         kAffinityWeight * parts.affinity;
}

double Relevance(double raw) { return raw / (1.0 + raw); }

Fixed ToFixed(double value) {
  return static_cast<Fixed>(std::floor(value * static_cast<double>(kFixedOne) + 0.5));
}

double FromFixed(Fixed value) {
  return static_cast<double>(value) / static_cast<double>(kFixedOne);
}

}  // namespace millrace::topologies
