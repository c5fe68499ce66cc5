// Feeds do not depend on the order in which events of different rows come: they are what the rule
// says of the tables that the events leave behind.
#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/topology/feed_rule.h"
#include "tests/topology/feeds_of.h"
#include "tests/topology/social_changes.h"
#include "topologies/feed-fan-out/feed_fan_out.h"

namespace millrace::topologies {
namespace {

using schemas::Follow;
using schemas::FollowKey;
using schemas::Post;
using schemas::PostKey;
using schemas::Visibility;

// When all of it reaches the log. Rows are older than that.
constexpr Timestamp kNow = Ms(std::chrono::milliseconds(std::chrono::hours(10'000)).count());

// Readers' ids begin behind the authors'.
constexpr int64_t kReaders = 100;

struct WorldOptions {
  int64_t users = 6;
  int64_t authors = 4;
  int64_t posts = 10;
  int64_t hours = 200;  // rows are created within so many
  int changes = 4;      // of a row, at most
};

// Events of one row, in the order in which the database made them: they keep it.
using History = std::vector<std::function<void(SocialDatabase*)>>;

class World {
 public:
  // Ids begin behind `base`, so that worlds can share a driver.
  World(uint64_t seed, int64_t base, WorldOptions options)
      : random_(seed), base_(base), options_(options) {
    for (int64_t user = 1; user <= options.users; ++user) {
      for (int64_t author = 1; author <= options.authors; ++author) {
        if (Chance(60)) AddFollow(base + kReaders + user, base + author);
      }
    }
    for (int64_t post = 1; post <= options.posts; ++post) AddPost(base + post);
  }

  // Pipes all events in an order that only keeps that of each row.
  void Play(SocialDatabase* db) {
    std::vector<size_t> order;
    for (size_t i = 0; i < histories_.size(); ++i) {
      order.insert(order.end(), histories_[i].size(), i);
    }
    std::shuffle(order.begin(), order.end(), random_);
    std::vector<size_t> next(histories_.size());
    for (const size_t row : order) histories_[row][next[row]++](db);
  }

  // Makes the next Play() another order.
  void Shuffle() { random_.discard(1000); }

  FeedSet Expected() const { return FeedsByRule(tables_); }

 private:
  bool Chance(int percent) { return static_cast<int>(random_() % 100) < percent; }
  size_t Changes() { return 1 + random_() % static_cast<size_t>(options_.changes); }
  // Full hours, so that many are equal.
  Timestamp SomeTime() {
    return kNow - std::chrono::hours(1 + random_() % static_cast<uint64_t>(options_.hours));
  }
  int64_t SomeAuthor() {
    return base_ + 1 + static_cast<int64_t>(random_() % static_cast<uint64_t>(options_.authors));
  }

  void AddFollow(int64_t user, int64_t author) {
    History history;
    bool exists = false;
    Follow row{user, author, SomeTime()};
    for (size_t changes = Changes(); changes > 0; --changes) {
      exists = !exists;
      if (exists) row.created_at = SomeTime();
      history.push_back([=](SocialDatabase* db) {
        exists ? db->Put(row, kNow) : db->Remove(FollowKey{user, author}, kNow);
      });
      if (Chance(20)) history.push_back(history.back());
    }
    if (exists) tables_.follows[{user, author}] = row.created_at;
    histories_.push_back(std::move(history));
  }

  void AddPost(int64_t post) {
    History history;
    Post row{.id = post, .author = SomeAuthor(), .created_at = SomeTime()};
    bool exists = false;
    for (size_t changes = Changes(); changes > 0; --changes) {
      if (exists && Chance(40)) {
        exists = false;
        history.push_back([=](SocialDatabase* db) { db->Remove(PostKey{post}, kNow); });
      } else {
        if (exists && Chance(50)) row.author = SomeAuthor();
        if (exists && Chance(20)) row.created_at = SomeTime();
        row.visibility = Chance(20) ? Visibility::kPrivate : Visibility::kFollowers;
        const Op op = exists ? Op::kUpdate : Op::kCreate;
        exists = true;
        history.push_back([=](SocialDatabase* db) { db->Put(row, kNow, op); });
      }
      if (Chance(20)) history.push_back(history.back());
    }
    if (exists && row.visibility != Visibility::kPrivate) {
      tables_.posts[post] = {row.author, row.created_at};
    }
    histories_.push_back(std::move(history));
  }

  std::mt19937_64 random_;
  const int64_t base_;
  const WorldOptions options_;
  std::vector<History> histories_;
  RuleTables tables_;
};

class FeedPermutations : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Partitions, FeedPermutations, testing::Values(1, 4),
                         testing::PrintToStringParamName());

TEST_P(FeedPermutations, OfEventsEndInTheFeedsThatTheRuleSays) {
  TopologyDriver driver(BuildFeedFanOut().value(), {.partitions = GetParam()});
  SocialDatabase db(&driver);
  FeedReader feeds(&driver);
  FeedSet expected;
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    World world(seed, static_cast<int64_t>(seed) * 1000, {});
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
    World world(/*seed=*/42, /*base=*/0, {});
    for (uint64_t i = 1; i < order; ++i) world.Shuffle();
    world.Play(&db);
    const FeedSet feeds = FeedReader(&driver).Read();
    if (order == 1) first = feeds;
    EXPECT_EQ(feeds, first) << "order " << order;
    EXPECT_FALSE(first.empty());
  }
}

// The whole topology in one task each: what follows is about the rule, and not about partitions.
class FeedLimits : public testing::Test {
 protected:
  // Plays the world; returns its feeds.
  FeedSet Play(uint64_t seed, WorldOptions options) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    TopologyDriver driver(BuildFeedFanOut().value());
    SocialDatabase db(&driver);
    World world(seed, /*base=*/0, options);
    world.Play(&db);
    EXPECT_EQ(FeedReader(&driver).Read(), world.Expected());
    return world.Expected();
  }
};

// More than a hundred posts of an author lie within three days before a follow.
TEST_F(FeedLimits, OfAFollowAreItsNewestHundredPosts) {
  for (const uint64_t seed : {1, 2, 3}) {
    Play(seed, {.users = 5, .authors = 2, .posts = 500, .hours = 120, .changes = 2});
  }
}

// Feeds are full, rows leave them again, and older ones come back that had been forgotten.
TEST_F(FeedLimits, OfAFeedAreItsNewestRows) {
  const FeedSet feeds =
      Play(1, {.users = 6, .authors = 3, .posts = 4000, .hours = 5000, .changes = 3});
  std::map<int64_t, int> sizes;
  for (const auto& [user, post] : feeds) ++sizes[user];
  EXPECT_GT(std::count_if(sizes.begin(), sizes.end(), [](auto s) { return s.second == 800; }), 0);
}

}  // namespace
}  // namespace millrace::topologies
