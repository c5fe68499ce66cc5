// Pages of feeds: candidates, labels, both orders, cursors.
#include "topologies/feed-cache/page.h"

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::topologies {
namespace {

using cache::MakePage;
using cache::PostFact;
using schemas::Visibility;
using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int64_t kAnn = 1, kBob = 2, kCid = 3, kDan = 4;
constexpr Timestamp kNoon = TimestampFromMillis(1'767'268'800'000);

// Everything that a page is made of, in maps.
class World final : public cache::FeedView {
 public:
  void AddPost(int64_t post, int64_t author, Timestamp at, Visibility who = Visibility::kPublic) {
    posts_[post] = {.author = author, .created_at = at, .visibility = who};
  }
  void Entries(int64_t user,
               const std::function<bool(const cache::Entry&, int64_t)>& visit) const override {
    std::vector<cache::Entry> found;
    for (const auto& [of, post] : entries) {
      if (of == user) found.push_back({user, posts_.at(post).created_at, post});
    }
    std::sort(found.begin(), found.end(),
              [](const auto& a, const auto& b) { return a.created_at > b.created_at; });
    for (const auto& entry : found) {
      if (!visit(entry, posts_.at(entry.post).author)) return;
    }
  }
  void PulledAuthors(int64_t user, const std::function<void(int64_t)>& visit) const override {
    for (const auto& [of, author] : pulled) {
      if (of == user) visit(author);
    }
  }
  void Affinities(int64_t user, const std::function<void(int64_t, int64_t)>& visit) const override {
    for (const auto& [key, count] : affinity) {
      if (key.first == user) visit(key.second, count);
    }
  }
  std::optional<PostFact> Post(int64_t post) const override {
    const auto found = posts_.find(post);
    if (found == posts_.end()) return std::nullopt;
    return found->second;
  }
  void PostsOf(int64_t author,
               const std::function<bool(int64_t, const PostFact&)>& visit) const override {
    for (const auto& [post, fact] : posts_) {
      if (fact.author == author && !visit(post, fact)) return;
    }
  }
  void HotPosts(const std::function<bool(int64_t)>& visit) const override {
    for (const int64_t post : hot) {
      if (!visit(post)) return;
    }
  }
  Fixed EngagementOf(int64_t post) const override {
    const auto found = engagement.find(post);
    return found == engagement.end() ? 0 : ToFixed(found->second);
  }

  std::set<std::pair<int64_t, int64_t>> entries;
  std::set<std::pair<int64_t, int64_t>> pulled;
  std::map<std::pair<int64_t, int64_t>, int64_t> affinity;
  std::map<int64_t, double> engagement;
  std::vector<int64_t> hot;

 private:
  std::map<int64_t, PostFact> posts_;
};

std::vector<int64_t> PostsOn(const FeedPage& page) {
  std::vector<int64_t> posts;
  for (const FeedItem& item : page.items) posts.push_back(item.post);
  return posts;
}

FeedPage PageOf(const World& world, const FeedPageRequest& request, Timestamp now = kNoon) {
  auto page = MakePage(world, request, now);
  EXPECT_TRUE(page.ok()) << page.status();
  return page.ok() ? *page : FeedPage();
}

TEST(FeedPage, APostOfSeveralSourcesIsThereOnceUnderTheFirst) {
  World world;
  world.AddPost(10, kBob, kNoon - hours(1));  // followed, hot and of a liked author
  world.AddPost(11, kCid, kNoon - hours(2));  // hot and of a liked author
  world.AddPost(12, kCid, kNoon - hours(3));  // of a liked author
  world.entries = {{kAnn, 10}};
  world.hot = {10, 11};
  world.affinity = {{{kAnn, kBob}, 1}, {{kAnn, kCid}, 1}};
  const FeedPage page = PageOf(world, {.user = kAnn});
  ASSERT_THAT(PostsOn(page), ElementsAre(10, 11, 12));
  EXPECT_EQ(page.items[0].label, FeedLabel::kFollowed);
  EXPECT_EQ(page.items[1].label, FeedLabel::kTrending);
  EXPECT_EQ(page.items[2].label, FeedLabel::kAffinity);
  EXPECT_THAT(page.next, IsEmpty());
}

TEST(FeedPage, OwnPostsAndStrangersPostsForFollowersAreNotShown) {
  World world;
  world.AddPost(10, kAnn, kNoon);
  world.AddPost(11, kBob, kNoon, Visibility::kFollowers);
  world.AddPost(12, kCid, kNoon, Visibility::kFollowers);
  world.entries = {{kAnn, 12}};
  world.hot = {10, 11, 99};
  world.affinity = {{{kAnn, kBob}, 1}, {{kAnn, kAnn}, 9}};
  EXPECT_THAT(PostsOn(PageOf(world, {.user = kAnn})), ElementsAre(12));
}

TEST(FeedPage, OldPostsOfFollowedAndLikedAuthorsAreNotShownButHotOnesAre) {
  World world;
  world.AddPost(10, kBob, kNoon - hours(73));
  world.AddPost(11, kBob, kNoon - hours(71));
  world.AddPost(12, kCid, kNoon - hours(73));
  world.AddPost(13, kCid, kNoon - hours(90));
  world.entries = {{kAnn, 10}, {kAnn, 11}};
  world.affinity = {{{kAnn, kCid}, 3}};
  world.hot = {13};
  EXPECT_THAT(PostsOn(PageOf(world, {.user = kAnn})), ElementsAre(13, 11));
}

// Contradiction 10: what is not pushed to followers is found at reading.
TEST(FeedPage, PostsOfAFollowedCelebrityAreFollowedOnes) {
  World world;
  world.AddPost(10, kBob, kNoon - hours(1), Visibility::kFollowers);
  world.pulled = {{kAnn, kBob}};
  const FeedPage page = PageOf(world, {.user = kAnn});
  ASSERT_THAT(PostsOn(page), ElementsAre(10));
  EXPECT_EQ(page.items[0].label, FeedLabel::kFollowed);
}

// Contradiction 23: followed authors first, or one global score? One for each of two routes.
TEST(FeedPage, HasBothOrders) {
  World world;
  for (int64_t post = 10; post < 14; ++post) {
    world.AddPost(post, post % 2 == 0 ? kBob : kCid, kNoon - hours(post));
    world.engagement[post] = static_cast<double>(post) / 4;
  }
  world.entries = {{kAnn, 10}, {kAnn, 12}};
  world.hot = {11, 13};
  const FeedPage by_score = PageOf(world, {.user = kAnn, .order = FeedOrder::kScore});
  EXPECT_THAT(PostsOn(by_score), ElementsAre(13, 12, 11, 10));
  const FeedPage followed_first = PageOf(world, {.user = kAnn, .order = FeedOrder::kFollowedFirst});
  EXPECT_THAT(PostsOn(followed_first), ElementsAre(12, 10, 13, 11));
  for (const FeedItem& a : by_score.items) {
    for (const FeedItem& b : followed_first.items) {
      if (a.post != b.post) continue;
      EXPECT_EQ(a.raw, b.raw);  // the label does not score
    }
  }
}

// A feed of followed and hot posts whose order changes quickly.
World Crowd(uint64_t seed) {
  std::mt19937_64 random(seed);
  World world;
  for (int64_t post = 1; post <= 150; ++post) {
    world.AddPost(post, 100 + post % 7, kNoon - minutes(static_cast<int64_t>(random() % 3000)));
    world.engagement[post] = static_cast<double>(random() % 100) / 200;
    if (post % 3 == 0) {
      world.hot.push_back(post);
    } else {
      world.entries.insert({kAnn, post});
    }
  }
  return world;
}

// Contradiction 11: a cursor, which carries the time of its first page, or an offset.
TEST(FeedPage, ACursorGivesEveryPostOnceHoweverLongOneReadsAndWhateverComes) {
  for (const FeedOrder order : {FeedOrder::kScore, FeedOrder::kFollowedFirst}) {
    World world = Crowd(3);
    const auto all = PostsOn(PageOf(world, {.user = kAnn, .order = order, .limit = 100}));
    std::vector<int64_t> read;
    FeedPageRequest request{.user = kAnn, .order = order, .limit = 7};
    Timestamp now = kNoon;
    for (int page_number = 0; page_number < 40; ++page_number) {
      const FeedPage page = PageOf(world, request, now);
      EXPECT_EQ(page.at, kNoon);
      for (const int64_t post : PostsOn(page)) read.push_back(post);
      if (page.next.empty()) break;
      request.cursor = page.next;
      now += minutes(47);
      world.AddPost(1000 + page_number, 100, now - minutes(1));
      world.entries.insert({kAnn, 1000 + page_number});
    }
    ASSERT_EQ(read.size(), 150u);
    EXPECT_EQ(std::set<int64_t>(read.begin(), read.end()).size(), 150u);
    read.resize(all.size());
    EXPECT_EQ(read, all);
  }
}

TEST(FeedPage, AnOffsetIsThePlaceOfTheFirstPost) {
  const World world = Crowd(4);
  const auto first = PostsOn(PageOf(world, {.user = kAnn, .limit = 30}));
  const auto second = PostsOn(PageOf(world, {.user = kAnn, .offset = 20, .limit = 10}));
  EXPECT_EQ(second, std::vector<int64_t>(first.begin() + 20, first.end()));
  EXPECT_THAT(PostsOn(PageOf(world, {.user = kAnn, .offset = 500})), IsEmpty());
}

TEST(FeedPage, IsTheSameUntilItSays) {
  const World world = Crowd(5);
  for (const FeedOrder order : {FeedOrder::kScore, FeedOrder::kFollowedFirst}) {
    const FeedPageRequest request{.user = kAnn, .order = order, .limit = 60};
    Timestamp now = kNoon;
    for (int i = 0; i < 20; ++i) {
      const FeedPage page = PageOf(world, request, now);
      ASSERT_GT(page.valid_until, now);
      const Timestamp last = page.valid_until - Duration(1);
      EXPECT_EQ(PostsOn(PageOf(world, request, last)), PostsOn(page));
      EXPECT_NE(PostsOn(PageOf(world, request, page.valid_until)), PostsOn(page));
      now = page.valid_until;
    }
  }
}

TEST(FeedPage, RefusesWhatIsNoRequest) {
  const World world = Crowd(6);
  const auto refused = [&](const FeedPageRequest& request) {
    return absl::IsInvalidArgument(MakePage(world, request, kNoon).status());
  };
  EXPECT_TRUE(refused({.user = kAnn, .limit = 0}));
  EXPECT_TRUE(refused({.user = kAnn, .limit = 101}));
  EXPECT_TRUE(refused({.user = kAnn, .offset = -1}));
  EXPECT_TRUE(refused({.user = kAnn, .cursor = "1.2.3"}));
  EXPECT_TRUE(refused({.user = kAnn, .cursor = "9999999999999.0.0.0.0.7"}));
  EXPECT_THAT(PostsOn(PageOf(world, {.user = kDan})), SizeIs(20));  // a stranger: hot posts
}

}  // namespace
}  // namespace millrace::topologies
