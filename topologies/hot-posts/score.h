// How hot a post is, and which of two is hotter. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "millrace/time.h"
#include "schemas/hot_board.h"

namespace millrace::topologies::hot {

inline constexpr size_t kBoardSize = 200;

struct Engagement {
  int64_t likes = 0;
  int64_t comments = 0;
  int64_t shares = 0;
  int64_t impressions = 0;
};

// 0.40 * log1p((L + 2 C + 3 S) / max(I, 1)) + 0.30 * exp(-0.10 * age in hours). A post from the
// future has age 0.
double Score(const Engagement& engagement, Duration age);

// To nine decimals. Scores are compared after this, since the last bits of exp and log1p differ
// from one math library to the next, and an order must not.
double Rounded(double score);

// Greater score first, then smaller post id.
bool IsHotter(const schemas::HotPost& a, const schemas::HotPost& b);

// Leaves the first kBoardSize in the order of IsHotter.
void KeepHottest(std::vector<schemas::HotPost>* posts);

}  // namespace millrace::topologies::hot
