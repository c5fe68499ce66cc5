#include "topologies/feed-fan-out/feed_fan_out.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/topology/feeds_of.h"
#include "tests/topology/readme_picture.h"
#include "tests/topology/social_changes.h"

namespace millrace::topologies {
namespace {

using schemas::Follow;
using schemas::FollowKey;
using schemas::Post;
using schemas::PostKey;
using schemas::Visibility;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr int64_t kAnn = 1, kBob = 2, kCid = 3, kDan = 4;

TEST(FeedFanOutTopology, ReadmeShowsThePictureOfToday) {
  EXPECT_EQ(PictureInReadme("feed-fan-out"), BuildFeedFanOut().value().Describe());
}

// Every rule with one and with four partitions of the outside topics.
class FeedFanOut : public testing::TestWithParam<int> {
 protected:
  TopologyDriver driver_{BuildFeedFanOut().value(), {.partitions = GetParam()}};
  SocialDatabase db_{&driver_};
  FeedReader feeds_{&driver_};
};
INSTANTIATE_TEST_SUITE_P(Partitions, FeedFanOut, testing::Values(1, 4),
                         testing::PrintToStringParamName());

TEST_P(FeedFanOut, ANewPostEntersTheFeedOfEveryFollower) {
  db_.Put(Follow{kBob, kAnn, Ms(1)}, Ms(1));
  db_.Put(Follow{kCid, kAnn, Ms(2)}, Ms(2), Op::kSnapshot);
  db_.Put(Post{.id = 7, .author = kAnn, .created_at = Ms(10)}, Ms(10));
  EXPECT_THAT(feeds_.Read(), UnorderedElementsAre(Pair(kBob, 7), Pair(kCid, 7)));
  EXPECT_EQ(FeedsInStore(&driver_), feeds_.Read());
}

TEST_P(FeedFanOut, AFollowBringsThePostsThatExistAlready) {
  db_.Put(Post{.id = 7, .author = kAnn, .created_at = Ms(10)}, Ms(10), Op::kSnapshot);
  db_.Put(Post{.id = 8, .author = kAnn, .created_at = Ms(11)}, Ms(11));
  db_.Put(Post{.id = 9, .author = kDan, .created_at = Ms(12)}, Ms(12));
  EXPECT_THAT(feeds_.Read(), IsEmpty());
  db_.Put(Follow{kBob, kAnn, Ms(20)}, Ms(20));
  EXPECT_THAT(feeds_.Read(), UnorderedElementsAre(Pair(kBob, 7), Pair(kBob, 8)));
}

TEST_P(FeedFanOut, AnUnfollowTakesTheAuthorsPostsOut) {
  db_.Put(Follow{kBob, kAnn, Ms(1)}, Ms(1));
  db_.Put(Follow{kBob, kDan, Ms(1)}, Ms(1));
  db_.Put(Post{.id = 7, .author = kAnn, .created_at = Ms(10)}, Ms(10));
  db_.Put(Post{.id = 9, .author = kDan, .created_at = Ms(12)}, Ms(12));
  db_.Remove(FollowKey{kBob, kAnn}, Ms(20));
  EXPECT_THAT(feeds_.Read(), UnorderedElementsAre(Pair(kBob, 9)));
  EXPECT_EQ(FeedsInStore(&driver_), feeds_.Read());
}

TEST_P(FeedFanOut, ADeletedPostLeavesEveryFeedThoughItsDeletionNamesNoAuthor) {
  db_.Put(Follow{kBob, kAnn, Ms(1)}, Ms(1));
  db_.Put(Follow{kCid, kAnn, Ms(1)}, Ms(1));
  db_.Put(Post{.id = 7, .author = kAnn, .created_at = Ms(10)}, Ms(10));
  db_.Remove(PostKey{7}, Ms(20));
  EXPECT_THAT(feeds_.Read(), IsEmpty());
  EXPECT_THAT(FeedsInStore(&driver_), IsEmpty());
  db_.Put(Follow{kDan, kAnn, Ms(30)}, Ms(30));
  EXPECT_THAT(feeds_.Read(), IsEmpty());
}

TEST_P(FeedFanOut, ATombstoneAloneIsADeletion) {
  db_.Put(Follow{kBob, kAnn, Ms(1)}, Ms(1));
  db_.Put(Post{.id = 7, .author = kAnn, .created_at = Ms(10)}, Ms(10));
  db_.Put(Post{.id = 8, .author = kAnn, .created_at = Ms(11)}, Ms(11));
  driver_.Pipe(topics::kPosts, PostKey{7}, std::nullopt, Ms(12));
  EXPECT_THAT(feeds_.Read(), UnorderedElementsAre(Pair(kBob, 8)));
  driver_.Pipe(topics::kFollows, FollowKey{kBob, kAnn}, std::nullopt, Ms(13));
  EXPECT_THAT(feeds_.Read(), IsEmpty());
}

TEST_P(FeedFanOut, RepeatedEventsWriteNothing) {
  const Follow follow{kBob, kAnn, Ms(1)};
  const Post post{.id = 7, .author = kAnn, .created_at = Ms(10)};
  db_.Put(follow, Ms(1));
  db_.Put(post, Ms(10));
  EXPECT_EQ(driver_.Drain(topics::kFeedEntries).size(), 1);
  db_.Put(follow, Ms(1));
  db_.Put(post, Ms(10));
  db_.Put(post, Ms(15), Op::kSnapshot);
  Post edited = post;
  edited.body = std::string("edited");
  edited.edited_at = Ms(16);
  db_.Put(edited, Ms(16), Op::kUpdate);
  db_.Remove(PostKey{99}, Ms(17));
  db_.Remove(FollowKey{kCid, kAnn}, Ms(18));
  EXPECT_THAT(driver_.Drain(topics::kFeedEntries), IsEmpty());
}

TEST_P(FeedFanOut, APostThatTurnsPrivateLeavesAndComesBack) {
  Post post{.id = 7, .author = kAnn, .created_at = Ms(10)};
  db_.Put(Follow{kBob, kAnn, Ms(1)}, Ms(1));
  post.visibility = Visibility::kFollowers;
  db_.Put(post, Ms(10));
  EXPECT_THAT(feeds_.Read(), UnorderedElementsAre(Pair(kBob, 7)));
  post.visibility = Visibility::kPrivate;
  db_.Put(post, Ms(20), Op::kUpdate);
  EXPECT_THAT(feeds_.Read(), IsEmpty());
  post.visibility = Visibility::kPublic;
  db_.Put(post, Ms(30), Op::kUpdate);
  EXPECT_THAT(feeds_.Read(), UnorderedElementsAre(Pair(kBob, 7)));
}

TEST_P(FeedFanOut, APostThatMovesToAnotherAuthorIsSeenByTheFollowersOfThatOne) {
  db_.Put(Follow{kBob, kAnn, Ms(1)}, Ms(1));
  db_.Put(Follow{kCid, kDan, Ms(1)}, Ms(1));
  db_.Put(Follow{kBob, kDan, Ms(1)}, Ms(1));
  for (const int64_t author : {kAnn, kDan, kAnn, kDan}) {
    db_.Put(Post{.id = 7, .author = author, .created_at = Ms(10)}, Ms(10), Op::kUpdate);
  }
  EXPECT_THAT(feeds_.Read(), UnorderedElementsAre(Pair(kBob, 7), Pair(kCid, 7)));
  EXPECT_EQ(FeedsInStore(&driver_), feeds_.Read());
}

TEST_P(FeedFanOut, TheStoreHoldsAFeedNewestFirst) {
  db_.Put(Follow{kBob, kAnn, Ms(1)}, Ms(1));
  db_.Put(Post{.id = 7, .author = kAnn, .created_at = Ms(10)}, Ms(10));
  db_.Put(Post{.id = 6, .author = kAnn, .created_at = Ms(30)}, Ms(30));
  db_.Put(Post{.id = 9, .author = kAnn, .created_at = Ms(20)}, Ms(31));
  db_.Put(Post{.id = 8, .author = kAnn, .created_at = Ms(20)}, Ms(32));
  std::vector<int64_t> posts;
  for (const auto& row : driver_.ReadStore<feed::FeedPosition, feed::FeedRow>("feeds")) {
    EXPECT_EQ(row.key.user, kBob);
    posts.push_back(row.key.post);
  }
  EXPECT_THAT(posts, ElementsAre(6, 9, 8, 7));
}

TEST_P(FeedFanOut, EntriesOfAUserLieInOnePartitionWithWhatTheEntryNeeds) {
  db_.Put(Follow{kBob, kAnn, Ms(1)}, Ms(1));
  db_.Put(Follow{kBob, kDan, Ms(1)}, Ms(1));
  db_.Put(Post{.id = 7, .author = kAnn, .created_at = Ms(10)}, Ms(11));
  db_.Put(Post{.id = 9, .author = kDan, .created_at = Ms(12)}, Ms(13));
  const auto records = driver_.Drain(topics::kFeedEntries);
  ASSERT_EQ(records.size(), 2);
  EXPECT_EQ(records[0].partition, records[1].partition);
  EXPECT_EQ(*records[0].value, (schemas::FeedEntry{kBob, 7, kAnn, Ms(10)}));
  EXPECT_EQ(*records[1].value, (schemas::FeedEntry{kBob, 9, kDan, Ms(12)}));
  EXPECT_EQ(records[0].timestamp, Ms(10));
}

TEST_P(FeedFanOut, StateComesBackFromTheChangelogs) {
  db_.Put(Follow{kBob, kAnn, Ms(1)}, Ms(1));
  db_.Put(Post{.id = 7, .author = kAnn, .created_at = Ms(10)}, Ms(10));
  driver_.CrashAndLoseState();
  db_.Put(Post{.id = 8, .author = kAnn, .created_at = Ms(20)}, Ms(20));
  db_.Remove(PostKey{7}, Ms(21));
  EXPECT_THAT(feeds_.Read(), UnorderedElementsAre(Pair(kBob, 8)));
  EXPECT_EQ(FeedsInStore(&driver_), feeds_.Read());
}

}  // namespace
}  // namespace millrace::topologies
