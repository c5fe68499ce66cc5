// The arithmetic of similar users: pure functions in integers, so that all machines agree.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "topologies/suggestions/similar_facts.h"

namespace millrace::topologies::suggest {

// Of a user's row the strongest authors count: most interactions first, of equal counts the smaller
// id.
inline constexpr size_t kRowAuthors = 32;
// More interactions with an author than that count as so many.
inline constexpr int64_t kMostInteractions = 10'000;
// So many other users are looked at under an author: those with the highest counts.
inline constexpr size_t kTastersAsked = 100;
inline constexpr int64_t kSharedAuthors = 2;
inline constexpr size_t kNeighbours = 50;
// Of whom a neighbour follows, so many are looked at: the smallest ids.
inline constexpr size_t kFolloweesAsked = 200;
// Twice a list: half of them may stand in it already.
inline constexpr size_t kSimilarAuthors = 40;

// The cosine of two rows of counts in units of 2^-28, rounded down. `dot`: the sum of the products;
// norms: the sums of the squares, both above 0.
int64_t Similarity(int64_t dot, int64_t norm, int64_t other_norm);

struct Neighbour {
  int64_t user = 0;
  int64_t similarity = 0;
  bool operator==(const Neighbour&) const = default;
};
// The users who share authors enough, most similar first, of equal ones the smaller id. `row`: the
// asker's counts by author, `norm` theirs.
std::vector<Neighbour> NearestOf(const absl::flat_hash_map<int64_t, int64_t>& row, int64_t norm,
                                 const std::vector<TastersOf>& tasters);

// Whom the neighbours follow: the greatest sum of similarities first, of equal ones the smaller id.
SimilarAuthors AuthorsOf(const std::vector<FolloweesOf>& neighbours,
                         const std::function<bool(int64_t author)>& may_be_suggested);

}  // namespace millrace::topologies::suggest
