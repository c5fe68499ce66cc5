#include "generator/follow_graph.h"

#include <algorithm>

#include "generator/distributions.h"
#include "generator/streams.h"

namespace millrace::gen {
namespace {

constexpr uint32_t kSigma = 1200;  // thousandths
constexpr uint32_t kPopularity = 1100;
constexpr uint32_t kListMax = 5'000;
constexpr uint32_t kWhaleFollows = 20'000;
constexpr uint32_t kUsersPerCelebrity = 10'000;
constexpr uint32_t kCelebrityFollowers = 10'500;
constexpr int kTries = 16;  // for one entry of a list

class Maker {
 public:
  explicit Maker(const FollowOptions& options)
      : options_(options),
        most_(std::max<uint32_t>(1, options.users / 4)),
        popularity_(WeightedChoice::Zipf(options.users, kPopularity)),
        graph_(options.users) {}

  FollowGraph Make() {
    for (uint32_t user = 1; user <= options_.users; ++user) AddList(user);
    if (most_ > kCelebrityFollowers) {
      for (uint32_t star = 1; star <= options_.users / kUsersPerCelebrity; ++star) Promote(star);
    }
    return std::move(graph_);
  }

 private:
  void AddList(uint32_t user) {
    Draws draws(RandomKey(options_.seed, kFollowListStream, user));
    uint64_t size = LogNormal(draws, options_.median, kSigma, std::min(kListMax, most_));
    if (user == options_.users && options_.median > 0) {
      size = std::min(kWhaleFollows, options_.users / 5);
    }
    for (uint64_t i = 0; i < size; ++i) {
      for (int tries = 0; tries < kTries; ++tries) {
        const auto author = static_cast<uint32_t>(popularity_.Draw(draws) + 1);
        if (!Add(user, author)) continue;
        if (draws.OneIn(5)) Add(author, user);
        break;
      }
    }
  }

  void Promote(uint32_t star) {
    Draws draws(RandomKey(options_.seed, kCelebrityStream, star));
    while (graph_.FollowersOf(star).size() < kCelebrityFollowers) {
      Add(static_cast<uint32_t>(1 + draws.Below(options_.users)), star);
    }
  }

  bool Add(uint32_t follower, uint32_t author) {
    return graph_.FollowersOf(author).size() < most_ && graph_.Add(follower, author);
  }

  const FollowOptions& options_;
  const uint32_t most_;  // followers of one author
  const WeightedChoice popularity_;
  FollowGraph graph_;
};

}  // namespace

bool FollowGraph::Add(uint32_t follower, uint32_t author) {
  if (follower == author) return false;
  std::vector<uint32_t>& list = followers_[author];
  const auto place = static_cast<uint32_t>(list.size());
  if (!places_.try_emplace(Key(follower, author), place).second) return false;
  list.push_back(follower);
  return true;
}

bool FollowGraph::Remove(uint32_t follower, uint32_t author) {
  const auto found = places_.find(Key(follower, author));
  if (found == places_.end()) return false;
  std::vector<uint32_t>& list = followers_[author];
  const uint32_t place = found->second;
  places_.erase(found);
  if (place + 1 < list.size()) {
    list[place] = list.back();
    places_[Key(list[place], author)] = place;
  }
  list.pop_back();
  return true;
}

FollowGraph MakeFollowGraph(const FollowOptions& options) { return Maker(options).Make(); }

}  // namespace millrace::gen
