#include "topologies/suggestions/similarity.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/numeric/int128.h"

namespace millrace::topologies::suggest {
namespace {

constexpr int kFractionBits = 28;

// The square root, rounded down. REQUIRES: x <= 2^56, so that doubles are near enough.
int64_t Root(uint64_t x) {
  auto root = static_cast<uint64_t>(std::sqrt(static_cast<double>(x)));
  while (root * root > x) --root;
  while ((root + 1) * (root + 1) <= x) ++root;
  return static_cast<int64_t>(root);
}

struct Shared {
  int64_t dot = 0;
  int64_t authors = 0;
  int64_t norm = 0;
};

}  // namespace

int64_t Similarity(int64_t dot, int64_t norm, int64_t other_norm) {
  const absl::uint128 square = absl::uint128(dot) * absl::uint128(dot);
  const absl::uint128 norms = absl::uint128(norm) * absl::uint128(other_norm);
  constexpr int64_t kOne = int64_t{1} << kFractionBits;
  // The parts of a row may be of two times: no cosine is above 1 for that.
  if (square >= norms) return kOne;
  return Root(absl::Uint128Low64((square << (2 * kFractionBits)) / norms));
}

std::vector<Neighbour> NearestOf(const absl::flat_hash_map<int64_t, int64_t>& row, int64_t norm,
                                 const std::vector<TastersOf>& tasters) {
  absl::flat_hash_map<int64_t, Shared> others;
  for (const TastersOf& of : tasters) {
    const auto own = row.find(of.author);
    if (own == row.end()) continue;
    for (const TasterRow& taster : of.rows) {
      Shared& shared = others[taster.user];
      shared.dot += own->second * taster.count;
      shared.norm = std::max(shared.norm, taster.norm);
      ++shared.authors;
    }
  }
  std::vector<Neighbour> nearest;
  for (const auto& [user, shared] : others) {
    if (shared.authors < kSharedAuthors) continue;
    nearest.push_back({.user = user, .similarity = Similarity(shared.dot, norm, shared.norm)});
  }
  std::sort(nearest.begin(), nearest.end(), [](const Neighbour& a, const Neighbour& b) {
    return a.similarity != b.similarity ? a.similarity > b.similarity : a.user < b.user;
  });
  if (nearest.size() > kNeighbours) nearest.resize(kNeighbours);
  return nearest;
}

SimilarAuthors AuthorsOf(const std::vector<FolloweesOf>& neighbours,
                         const std::function<bool(int64_t author)>& may_be_suggested) {
  struct Weight {
    int64_t sum = 0;
    int64_t followers = 0;
  };
  absl::flat_hash_map<int64_t, Weight> weights;
  for (const FolloweesOf& of : neighbours) {
    for (const FollowRow& followed : of.rows) {
      Weight& weight = weights[followed.author];
      weight.sum += of.similarity;
      ++weight.followers;
    }
  }
  std::vector<std::pair<int64_t, Weight>> ranked;
  for (const auto& [author, weight] : weights) {
    if (may_be_suggested(author)) ranked.emplace_back(author, weight);
  }
  std::sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) {
    return a.second.sum != b.second.sum ? a.second.sum > b.second.sum : a.first < b.first;
  });
  if (ranked.size() > kSimilarAuthors) ranked.resize(kSimilarAuthors);
  SimilarAuthors authors;
  for (const auto& [author, weight] : ranked) {
    authors.rows.push_back({.author = author, .followers = weight.followers});
  }
  return authors;
}

}  // namespace millrace::topologies::suggest
