// Who follows whom.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace millrace::gen {

// Ids are 1 to users. About 30 bytes per follow. One thread.
class FollowGraph {
 public:
  explicit FollowGraph(uint32_t users) : followers_(users + size_t{1}) {}

  // False: it is there already, or nobody follows himself.
  bool Add(uint32_t follower, uint32_t author);
  // False: it is not there.
  bool Remove(uint32_t follower, uint32_t author);
  bool Has(uint32_t follower, uint32_t author) const {
    return places_.contains(Key(follower, author));
  }
  // In an order that follows from the calls before.
  const std::vector<uint32_t>& FollowersOf(uint32_t author) const { return followers_[author]; }
  size_t size() const { return places_.size(); }

 private:
  static uint64_t Key(uint32_t follower, uint32_t author) {
    return uint64_t{author} << 32 | follower;
  }

  std::vector<std::vector<uint32_t>> followers_;
  absl::flat_hash_map<uint64_t, uint32_t> places_;  // in the list of the author
};

struct FollowOptions {
  uint64_t seed = 1;
  uint32_t users = 0;
  uint32_t median = 40;  // of the lengths of follow lists
};

// Follow lists of lognormal length (sigma 1.2, at most 5,000 and a quarter of all users) of authors
// by Zipf's law with exponent 1.1; a fifth is returned. Nobody has more than a quarter of all users
// as followers. The first of ten thousand users each has more than 10,000 if that is allowed; the
// last user follows 20,000, or a fifth of all.
FollowGraph MakeFollowGraph(const FollowOptions& options);

}  // namespace millrace::gen
