// Posts of authors with many followers: jobs that are done slice by slice, between the others'
// posts, and once whatever happens; and authors with so many that their posts are pulled.
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/topology/feeds_of.h"
#include "tests/topology/social_changes.h"
#include "tests/topology/step_driver.h"
#include "topologies/feed-fan-out/feed_fan_out.h"

namespace millrace::topologies {
namespace {

using schemas::Follow;
using schemas::FollowKey;
using schemas::Post;
using schemas::PostKey;
using testing::Contains;
using testing::Each;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr int64_t kStar = 1, kAnn = 2, kFan = 100;
constexpr int64_t kFans = 20;
// The clock is far ahead of all events, as in a replay.
constexpr Timestamp kClock = Ms(1'000'000);

class FeedJobs : public testing::Test {
 protected:
  void SetUp() override {
    for (int64_t fan = kFan; fan < kFan + kFans; ++fan) PutFollow(fan, kStar);
    PutFollow(kFan, kAnn);
    driver_.RunUntilIdle();
  }

  void PutFollow(int64_t user, int64_t author) {
    driver_.Put(topics::kFollows, FollowKey{user, author},
                Upsert(Op::kCreate, Follow{user, author, Ms(1)}, Ms(1)), Ms(1));
  }
  void RemoveFollow(int64_t user, int64_t author) {
    driver_.Put(topics::kFollows, FollowKey{user, author},
                Delete(Follow{user, author, Ms(1)}, Ms(2)), Ms(2));
  }
  void PutPost(int64_t post, int64_t author, Timestamp at) {
    driver_.Put(topics::kPosts, PostKey{post},
                Upsert(Op::kCreate, Post{.id = post, .author = author, .created_at = at}, at), at);
  }
  void RemovePost(int64_t post, Timestamp at) {
    driver_.Put(topics::kPosts, PostKey{post}, Delete(Post{.id = post, .created_at = Ms(0)}, at),
                at);
  }

  // Takes what has been written to feeds since the last call: (user, post), in that order.
  std::vector<std::pair<int64_t, int64_t>> Written() {
    std::vector<std::pair<int64_t, int64_t>> entries;
    for (const auto& [key, value] : driver_.Drain(topics::kFeedEntries)) {
      EXPECT_TRUE(value.has_value()) << "post " << key.post << " left feed " << key.user;
      entries.emplace_back(key.user, key.post);
    }
    return entries;
  }
  // Until some of the job's rows are written; returns them.
  std::vector<std::pair<int64_t, int64_t>> RunIntoJob() {
    std::vector<std::pair<int64_t, int64_t>> entries;
    while (entries.empty() && driver_.Step()) entries = Written();
    return entries;
  }
  double Active() {
    for (const MetricSample& sample : driver_.metrics()->Snapshot()) {
      if (sample.name == "fanout_jobs_active") return sample.value;
    }
    return -1;
  }

  StepDriver driver_{BuildFeedFanOutWith({.slice = 3}).value(), kClock};
};

std::vector<std::pair<int64_t, int64_t>> EveryFanOnce(int64_t post) {
  std::vector<std::pair<int64_t, int64_t>> entries;
  for (int64_t fan = kFan; fan < kFan + kFans; ++fan) entries.emplace_back(fan, post);
  return entries;
}

TEST_F(FeedJobs, WriteEveryFollowerOnce) {
  PutPost(7, kStar, Ms(10));
  driver_.RunUntilIdle();
  EXPECT_THAT(Written(), testing::UnorderedElementsAreArray(EveryFanOnce(7)));
  EXPECT_EQ(Active(), 0);
}

TEST_F(FeedJobs, LetOtherPostsThroughBeforeTheyAreDone) {
  PutPost(7, kStar, Ms(10));
  PutPost(8, kAnn, Ms(11));
  driver_.RunUntilIdle();
  const auto written = Written();
  ASSERT_THAT(written, SizeIs(kFans + 1));
  // Nobody waits for the whole job; here not even for its first slice.
  EXPECT_THAT(std::vector(written.begin(), written.begin() + 3), Contains(Pair(kFan, 8)));
}

TEST_F(FeedJobs, TakeTurns) {
  for (int64_t fan = kFan; fan < kFan + kFans; ++fan) PutFollow(fan, kStar + 50);
  driver_.RunUntilIdle();
  PutPost(7, kStar, Ms(10));
  PutPost(8, kStar + 50, Ms(11));
  while (Active() < 2) driver_.Step();
  // By the clock alone: each tick is a slice.
  for (int tick = 0; tick < 4; ++tick) {
    driver_.Advance(std::chrono::milliseconds(5));
    driver_.Step();
  }
  std::map<int64_t, int> rows;
  for (const auto& [user, post] : Written()) ++rows[post];
  EXPECT_THAT(rows, testing::ElementsAre(Pair(7, testing::Ge(6)), Pair(8, testing::Ge(6))));
}

TEST_F(FeedJobs, GoOnAfterACrashWithoutLossOrRepetition) {
  PutPost(7, kStar, Ms(10));
  std::vector<std::pair<int64_t, int64_t>> written = RunIntoJob();
  ASSERT_THAT(written, SizeIs(testing::Lt(kFans)));
  for (int crash = 0; crash < 3; ++crash) {
    driver_.Crash();
    EXPECT_EQ(Active(), 1);
    const auto more = RunIntoJob();
    written.insert(written.end(), more.begin(), more.end());
  }
  driver_.RunUntilIdle();
  const auto rest = Written();
  EXPECT_FALSE(rest.empty());
  written.insert(written.end(), rest.begin(), rest.end());
  EXPECT_THAT(written, testing::UnorderedElementsAreArray(EveryFanOnce(7)));
}

TEST_F(FeedJobs, AreCancelledByADeletionThatRemovesWhatTheyWrote) {
  PutPost(7, kStar, Ms(10));
  const auto written = RunIntoJob();
  ASSERT_THAT(written, SizeIs(testing::Lt(kFans)));
  RemovePost(7, Ms(11));
  driver_.RunUntilIdle();
  std::set<int64_t> readers;
  for (const auto& [user, post] : written) readers.insert(user);
  for (const auto& [key, value] : driver_.Drain(topics::kFeedEntries)) {
    if (value.has_value()) {
      readers.insert(key.user);
    } else {
      EXPECT_EQ(readers.erase(key.user), 1) << "removed what was never there";
    }
  }
  EXPECT_THAT(readers, IsEmpty());
  EXPECT_EQ(Active(), 0);
}

TEST_F(FeedJobs, SkipWhoHasUnfollowedInTheMeantime) {
  PutPost(7, kStar, Ms(10));
  RunIntoJob();
  RemoveFollow(kFan + kFans - 1, kStar);
  driver_.RunUntilIdle();
  EXPECT_THAT(Written(), testing::Not(Contains(Pair(kFan + kFans - 1, 7))));
}

TEST_F(FeedJobs, DoNotWriteTwiceForWhoFollowsInTheMeantime) {
  PutPost(7, kStar, Ms(10));
  auto written = RunIntoJob();
  PutFollow(kFan + kFans, kStar);
  driver_.RunUntilIdle();
  const auto rest = Written();
  written.insert(written.end(), rest.begin(), rest.end());
  EXPECT_THAT(written, SizeIs(kFans + 1));
  EXPECT_THAT(written, Contains(Pair(kFan + kFans, 7)).Times(1));
}

// -- Tiers.
class FeedTiers : public testing::Test {
 protected:
  void Follows(int64_t from, int64_t to) {
    for (int64_t fan = from; fan <= to; ++fan) db_.Put(Follow{fan, kStar, Ms(1)}, Ms(1));
  }
  size_t Writes(int64_t post, Timestamp at) {
    db_.Put(Post{.id = post, .author = kStar, .created_at = at}, at);
    return driver_.Drain(topics::kFeedEntries).size();
  }

  TopologyDriver driver_{BuildFeedFanOutWith({.pull_above = 5, .push_below = 3}).value(),
                         {.partitions = 2}};
  SocialDatabase db_{&driver_};
};

TEST_F(FeedTiers, AnAuthorWithTooManyFollowersIsPulledUntilThereAreMuchFewer) {
  Follows(11, 15);
  EXPECT_EQ(Writes(7, Ms(10)), 5);  // five are not too many
  Follows(16, 16);
  EXPECT_EQ(Writes(8, Ms(11)), 0);
  db_.Remove(FollowKey{16, kStar}, Ms(12));
  db_.Remove(FollowKey{15, kStar}, Ms(12));
  db_.Remove(FollowKey{14, kStar}, Ms(12));
  driver_.Drain(topics::kFeedEntries);
  EXPECT_EQ(Writes(9, Ms(13)), 0);  // three are not few enough
  db_.Remove(FollowKey{13, kStar}, Ms(14));
  driver_.Drain(topics::kFeedEntries);
  EXPECT_EQ(Writes(10, Ms(15)), 2);
}

TEST_F(FeedTiers, APostThatWasWrittenLeavesFeedsThoughItsAuthorIsPulledNow) {
  Follows(11, 15);
  EXPECT_EQ(Writes(7, Ms(10)), 5);
  Follows(16, 16);
  EXPECT_EQ(Writes(8, Ms(11)), 0);
  db_.Remove(PostKey{7}, Ms(12));
  db_.Remove(PostKey{8}, Ms(12));
  EXPECT_THAT(FeedsInStore(&driver_), IsEmpty());
  EXPECT_EQ(driver_.Drain(topics::kFeedEntries).size(), 5);
}

TEST_F(FeedTiers, WhoFollowsAPulledAuthorGetsNothingWritten) {
  Follows(11, 16);
  EXPECT_EQ(Writes(7, Ms(10)), 0);
  Follows(17, 18);
  EXPECT_THAT(driver_.Drain(topics::kFeedEntries), IsEmpty());
}

}  // namespace
}  // namespace millrace::topologies
