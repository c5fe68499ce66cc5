#include "topologies/hot-posts/score.h"

#include <algorithm>
#include <cmath>

namespace millrace::topologies::hot {

double Score(const Engagement& engagement, Duration age) {
  const int64_t weighted = engagement.likes + 2 * engagement.comments + 3 * engagement.shares;
  const int64_t shown = std::max<int64_t>(engagement.impressions, 1);
  const double hours = static_cast<double>(std::max(age, Duration(0)).count()) / 3'600'000.0;
  return 0.40 * std::log1p(static_cast<double>(weighted) / static_cast<double>(shown)) +
         0.30 * std::exp(-0.10 * hours);
}

double Rounded(double score) { return std::floor(score * 1e9 + 0.5) / 1e9; }

bool IsHotter(const schemas::HotPost& a, const schemas::HotPost& b) {
  return a.score != b.score ? a.score > b.score : a.post < b.post;
}

void KeepHottest(std::vector<schemas::HotPost>* posts) {
  const size_t kept = std::min(posts->size(), kBoardSize);
  std::partial_sort(posts->begin(), posts->begin() + static_cast<ptrdiff_t>(kept), posts->end(),
                    IsHotter);
  posts->resize(kept);
}

}  // namespace millrace::topologies::hot
