// Reads of followers and feeds out of a running engine.
#include "topologies/feed-fan-out/queries.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/topology/engine_run.h"
#include "tests/topology/social_changes.h"
#include "topologies/feed-fan-out/feed_fan_out.h"

namespace millrace::topologies::feed {
namespace {

using schemas::FeedEntry;
using schemas::FeedSource;
using schemas::Follow;
using schemas::FollowKey;
using schemas::Post;
using schemas::PostKey;
using schemas::UserId;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr int64_t kAnn = 1, kStar = 2, kBob = 10;

class FeedQueries : public testing::Test {
 protected:
  void PutFollow(int64_t user, int64_t author, Timestamp at) {
    run_.Put(topics::kFollows, FollowKey{user, author},
             std::optional(Upsert(Op::kCreate, Follow{user, author, at}, at)), at);
  }
  void PutPost(int64_t post, int64_t author, Timestamp at) {
    run_.Put(topics::kPosts, PostKey{post},
             std::optional(
                 Upsert(Op::kCreate, Post{.id = post, .author = author, .created_at = at}, at)),
             at);
  }
  FeedPage Feed(const FeedRequest& request) {
    return GetFeed(run_.engine(), UserId{kBob}, request).value();
  }
  std::vector<int64_t> Posts(const FeedRequest& request) {
    std::vector<int64_t> posts;
    for (const FeedEntry& entry : Feed(request).entries) posts.push_back(entry.post);
    return posts;
  }

  EngineRun run_{BuildFeedFanOutWith({.pull_above = 3, .push_below = 2}).value()};
};

TEST_F(FeedQueries, FollowersComeInPagesInTheOrderOfTheirIds) {
  for (int64_t user = 30; user >= 10; --user) PutFollow(user, kAnn, Ms(user));
  run_.Settle();
  std::vector<int64_t> users;
  FollowersRequest request{.limit = 8};
  for (int pages = 1;; ++pages) {
    const FollowersPage page = GetFollowers(run_.engine(), UserId{kAnn}, request).value();
    for (const Follower& follower : page.followers) {
      EXPECT_EQ(follower.followed_at, Ms(follower.user));
      users.push_back(follower.user);
    }
    request.after = page.next;
    if (page.next.has_value()) continue;
    EXPECT_EQ(pages, 3);
    break;
  }
  ASSERT_EQ(users.size(), 21);
  EXPECT_TRUE(std::is_sorted(users.begin(), users.end()));
}

TEST_F(FeedQueries, NobodyFollowsWhomNobodyFollows) {
  EXPECT_THAT(GetFollowers(run_.engine(), UserId{99})->followers, IsEmpty());
}

TEST_F(FeedQueries, RefuseWhatCannotBe) {
  EXPECT_EQ(GetFollowers(run_.engine(), UserId{0}).status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(GetFeed(run_.engine(), UserId{-1}).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(GetFeed(run_.engine(), UserId{1}, {.limit = 801}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(FeedQueries, AFeedIsReadFromItsNewestEntryOn) {
  PutFollow(kBob, kAnn, Ms(1));
  for (int64_t post = 1; post <= 5; ++post) PutPost(post, kAnn, Ms(10 + post));
  run_.Settle();
  EXPECT_THAT(Posts({}), ElementsAre(5, 4, 3, 2, 1));
  EXPECT_THAT(Posts({.offset = 1, .limit = 2}), ElementsAre(4, 3));
  const FeedPage page = Feed({.limit = 2});
  ASSERT_TRUE(page.next.has_value());
  // A new post does not move the page behind this one.
  PutPost(6, kAnn, Ms(20));
  run_.Settle();
  EXPECT_THAT(Posts({.after = page.next, .limit = 3}), ElementsAre(3, 2, 1));
  EXPECT_EQ(Feed({.after = page.next, .limit = 3}).next, std::nullopt);
}

TEST_F(FeedQueries, PostsOfPulledAuthorsAreFoundAtReading) {
  PutFollow(kBob, kAnn, Ms(1));
  PutFollow(kBob, kStar, Ms(1));
  PutPost(1, kStar, Ms(10));  // written
  run_.Settle();
  for (int64_t user = 20; user < 23; ++user) PutFollow(user, kStar, Ms(1));
  run_.Settle();
  PutPost(2, kAnn, Ms(11));
  PutPost(3, kStar, Ms(12));  // not written
  run_.Put(topics::kFeedReads, UserId{kBob}, std::optional(schemas::FeedRead{kBob, 3, Ms(13)}),
           Ms(13));
  run_.Settle();
  const FeedPage page = Feed({});
  ASSERT_EQ(page.entries.size(), 3);
  EXPECT_EQ(page.entries[0].post, 3);
  EXPECT_EQ(page.entries[0].source, FeedSource::kPull);
  EXPECT_EQ(page.entries[0].read_at, Ms(13));
  EXPECT_FALSE(page.entries[1].is_read);
  EXPECT_EQ(page.entries[1].post, 2);
  EXPECT_EQ(page.entries[2].post, 1);
  EXPECT_EQ(page.entries[2].source, FeedSource::kPush);
  EXPECT_THAT(Posts({.after = PostAt{Ms(12), 3}, .limit = 1}), ElementsAre(2));
}

// The feed is the same, whichever posts were written and whichever are pulled.
TEST_F(FeedQueries, TheTierOfAnAuthorCannotBeSeen) {
  PutFollow(kBob, kStar, Ms(5));
  PutFollow(kBob + 1, kStar, Ms(5));
  PutPost(1, kStar, Ms(1));  // before the follow
  run_.Settle();
  for (int64_t user = 20; user < 22; ++user) PutFollow(user, kStar, Ms(5));
  run_.Settle();  // pulled from here on
  PutPost(2, kStar, Ms(6));
  run_.Settle();
  for (const int64_t user : {int64_t{20}, int64_t{21}, kBob + 1}) {
    run_.Put(topics::kFollows, FollowKey{user, kStar},
             std::optional(Delete(Follow{user, kStar, Ms(5)}, Ms(7))), Ms(7));
  }
  run_.Settle();  // written again
  PutPost(3, kStar, Ms(8));
  PutFollow(30, kStar, Ms(9));
  run_.Settle();
  EXPECT_THAT(Posts({}), ElementsAre(3, 2, 1));
  std::vector<int64_t> newcomer;
  const FeedPage page = GetFeed(run_.engine(), UserId{30}).value();
  for (const FeedEntry& entry : page.entries) newcomer.push_back(entry.post);
  EXPECT_THAT(newcomer, ElementsAre(3, 2, 1));
  // A post that goes is gone for both.
  run_.Put(topics::kPosts, PostKey{2},
           std::optional(Delete(Post{.id = 2, .created_at = Ms(0)}, Ms(10))), Ms(10));
  run_.Settle();
  EXPECT_THAT(Posts({}), ElementsAre(3, 1));
}

}  // namespace
}  // namespace millrace::topologies::feed
