// Feeds do not depend on the order in which events of different rows come.
#include <algorithm>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/topology/feeds_of.h"
#include "tests/topology/social_changes.h"
#include "topologies/feed-fan-out/feed_fan_out.h"

namespace millrace::topologies {
namespace {

using schemas::Follow;
using schemas::FollowKey;
using schemas::Post;
using schemas::PostKey;

// Events of one row, in the order in which the database made them: they keep it.
using History = std::vector<std::function<void(SocialDatabase*)>>;

class World {
 public:
  // Ids begin behind `base`, so that worlds can share a driver.
  World(uint64_t seed, int64_t base) : random_(seed), base_(base) {
    for (int64_t user = 1; user <= 6; ++user) {
      for (int64_t author = 1; author <= 4; ++author) {
        if (Chance(60)) AddFollow(base + user, base + author);
      }
    }
    for (int64_t post = 1; post <= 10; ++post) AddPost(base + post);
  }

  // Pipes all events in an order that only keeps that of each row.
  void Play(SocialDatabase* db) {
    std::vector<size_t> order;
    for (size_t i = 0; i < histories_.size(); ++i)
      order.insert(order.end(), histories_[i].size(), i);
    std::shuffle(order.begin(), order.end(), random_);
    std::vector<size_t> next(histories_.size());
    for (const size_t row : order) histories_[row][next[row]++](db);
  }

  // Makes the next Play() another order.
  void Shuffle() { random_.discard(1000); }

  FeedSet Expected() const {
    FeedSet entries;
    for (const auto& [user, followee] : follows_) {
      for (const auto& [post, author] : posts_) {
        if (author == followee) entries.insert({user, post});
      }
    }
    return entries;
  }

 private:
  bool Chance(int percent) { return static_cast<int>(random_() % 100) < percent; }

  void AddFollow(int64_t user, int64_t author) {
    History history;
    const Follow row{user, author, Ms(1)};
    bool exists = false;
    for (size_t changes = 1 + random_() % 4; changes > 0; --changes) {
      exists = !exists;
      history.push_back([=](SocialDatabase* db) {
        exists ? db->Put(row, Ms(5)) : db->Remove(FollowKey{user, author}, Ms(5));
      });
      if (Chance(20)) history.push_back(history.back());
    }
    if (exists) follows_.insert({user, author});
    histories_.push_back(std::move(history));
  }

  void AddPost(int64_t post) {
    History history;
    int64_t author = base_ + 1 + static_cast<int64_t>(random_() % 4);
    const Timestamp created_at = Ms(static_cast<int64_t>(random_() % 50));
    bool exists = false;
    for (size_t changes = 1 + random_() % 4; changes > 0; --changes) {
      if (exists && Chance(40)) {
        exists = false;
        history.push_back([=](SocialDatabase* db) { db->Remove(PostKey{post}, Ms(5)); });
      } else {
        if (exists && Chance(50)) author = base_ + 1 + static_cast<int64_t>(random_() % 4);
        const Post row{.id = post, .author = author, .created_at = created_at};
        const Op op = exists ? Op::kUpdate : Op::kCreate;
        history.push_back([=](SocialDatabase* db) { db->Put(row, Ms(5), op); });
        exists = true;
      }
      if (Chance(20)) history.push_back(history.back());
    }
    if (exists) posts_.insert({post, author});
    histories_.push_back(std::move(history));
  }

  std::mt19937_64 random_;
  int64_t base_;
  std::vector<History> histories_;
  std::set<std::pair<int64_t, int64_t>> follows_;  // user, author
  std::set<std::pair<int64_t, int64_t>> posts_;    // post, author
};

class FeedPermutations : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Partitions, FeedPermutations, testing::Values(1, 4),
                         testing::PrintToStringParamName());

TEST_P(FeedPermutations, OfEventsEndInTheFeedsThatTheRuleSays) {
  TopologyDriver driver(BuildFeedFanOut().value(), {.partitions = GetParam()});
  SocialDatabase db(&driver);
  FeedReader feeds(&driver);
  FeedSet expected;
  for (uint64_t seed = 1; seed <= 25; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed, static_cast<int64_t>(seed) * 1000);
    world.Play(&db);
    expected.merge(world.Expected());
    ASSERT_EQ(feeds.Read(), expected);
    ASSERT_EQ(FeedsInStore(&driver), expected);
  }
}

TEST_P(FeedPermutations, OfOneWorldEndInTheSameFeeds) {
  FeedSet first;
  for (uint64_t order = 1; order <= 3; ++order) {
    TopologyDriver driver(BuildFeedFanOut().value(), {.partitions = GetParam()});
    SocialDatabase db(&driver);
    World world(/*seed=*/42, /*base=*/0);
    for (uint64_t i = 1; i < order; ++i) world.Shuffle();
    world.Play(&db);
    const FeedSet feeds = FeedReader(&driver).Read();
    if (order == 1) first = feeds;
    EXPECT_EQ(feeds, first) << "order " << order;
    EXPECT_FALSE(first.empty());
  }
}

}  // namespace
}  // namespace millrace::topologies
