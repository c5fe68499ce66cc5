#include "topologies/suggestions/suggestions.h"

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

#include "tests/topology/engine_run.h"
#include "tests/topology/readme_picture.h"
#include "tests/topology/suggestion_lists.h"
#include "topologies/suggestions/lists.h"
#include "topologies/suggestions/queries.h"

namespace millrace::topologies {
namespace {

using schemas::AffinityKey;
using schemas::CacheEntry;
using schemas::HotBoard;
using schemas::HotBoardKey;
using schemas::ListedUser;
using schemas::Post;
using schemas::UserId;
using schemas::UserList;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int64_t kAnn = 1, kBob = 2, kCid = 3, kDan = 4;
constexpr Timestamp kNoon = TimestampFromMillis(1'767'268'800'000);

TEST(SuggestionsTopology, ReadmeShowsThePictureOfToday) {
  EXPECT_EQ(PictureInReadme("suggestions"), BuildSuggestions().value().Describe());
}

class Suggestions : public testing::TestWithParam<int>, protected SuggestionLists {
 protected:
  Suggestions() : SuggestionLists(GetParam()) {}
};
INSTANTIATE_TEST_SUITE_P(Partitions, Suggestions, testing::Values(1, 4),
                         testing::PrintToStringParamName());

TEST_P(Suggestions, AreTheAuthorsOneReactsToMostAndDoesNotFollow) {
  AddFollow(kAnn, kBob, kNoon);
  SetAffinity(kAnn, kBob, 9, kNoon);
  SetAffinity(kAnn, 30, 2, kNoon);
  SetAffinity(kAnn, 20, 2, kNoon);
  SetAffinity(kAnn, 40, 5, kNoon);
  SetAffinity(kAnn, kAnn, 50, kNoon);  // never oneself
  Wait(minutes(6));
  EXPECT_THAT(ListOf(kAnn), ElementsAre(40, 20, 30));
  EXPECT_EQ(lists_[kAnn].users[0], (ListedUser{.user = 40, .count = 5, .source = "affinity"}));
}

TEST_P(Suggestions, AreTwentyAtMost) {
  for (int64_t author = 100; author < 130; ++author) SetAffinity(kAnn, author, author, kNoon);
  Wait(minutes(6));
  const auto list = ListOf(kAnn);
  ASSERT_THAT(list, SizeIs(20));
  EXPECT_EQ(list.front(), 129);
  EXPECT_EQ(list.back(), 110);
}

TEST_P(Suggestions, WhoIsFollowedLeavesAtOnceAndMayComeBackWhenUnfollowed) {
  SetAffinity(kAnn, kBob, 3, kNoon);
  SetAffinity(kAnn, kCid, 2, kNoon);
  Wait(minutes(6));
  EXPECT_THAT(ListOf(kAnn), ElementsAre(kBob, kCid));
  AddFollow(kAnn, kBob, kNoon + minutes(6));
  EXPECT_THAT(ListOf(kAnn), ElementsAre(kCid));
  Wait(minutes(6));
  EXPECT_THAT(ListOf(kAnn), ElementsAre(kCid));
  Unfollow(kAnn, kBob, kNoon + minutes(13));
  Wait(minutes(6));
  EXPECT_THAT(ListOf(kAnn), ElementsAre(kBob, kCid));
}

// Contradiction 6: every five minutes, or on demand? When something has changed, and at most every
// five minutes.
TEST_P(Suggestions, AreMadeAgainOnlyOnChangeAndAtMostEveryFiveMinutes) {
  SetAffinity(kAnn, kBob, 3, kNoon);
  Wait(minutes(1));
  EXPECT_THAT(ListOf(kAnn), ElementsAre(kBob));
  for (int64_t author = 100; author < 110; ++author) {
    SetAffinity(kAnn, author, 1, kNoon + minutes(1) + seconds(author));
  }
  Wait(minutes(2));
  EXPECT_THAT(ListOf(kAnn), ElementsAre(kBob));
  Wait(minutes(4));
  EXPECT_THAT(ListOf(kAnn), SizeIs(11));
  EXPECT_EQ(written_, 2);
  Wait(minutes(30));
  ListOf(kAnn);
  EXPECT_EQ(written_, 2);
}

TEST_P(Suggestions, WhatIsForgottenIsNotSuggested) {
  SetAffinity(kAnn, kBob, 3, kNoon);
  Wait(minutes(6));
  EXPECT_THAT(ListOf(kAnn), ElementsAre(kBob));
  SetAffinity(kAnn, kBob, 0, kNoon + minutes(6));
  Wait(minutes(6));
  EXPECT_THAT(ListOf(kAnn), IsEmpty());
  EXPECT_THAT((driver_.ReadStore<int64_t, suggest::Reader>("readers")), IsEmpty());
  EXPECT_THAT((driver_.ReadStore<suggest::Wake, Nothing>("wakes")), IsEmpty());
  EXPECT_THAT((driver_.ReadStore<int64_t, UserList>("suggested")), IsEmpty());
}

TEST_P(Suggestions, AreInTheCacheForTenMinutes) {
  SetAffinity(kAnn, kBob, 3, kNoon);
  Wait(minutes(1));
  const auto entries = driver_.Drain(topics::kCache);
  ASSERT_THAT(entries, SizeIs(1));
  EXPECT_EQ(entries[0].key, "suggest:users:1");
  EXPECT_EQ(entries[0].value->ttl_ms, 600'000);
  UserList list;
  ASSERT_TRUE(Serde<UserList>::Decode(entries[0].value->value, &list).ok());
  EXPECT_EQ(list.users[0].user, kBob);
  AddFollow(kAnn, kBob, kNoon + minutes(2));
  const auto gone = driver_.Drain(topics::kCache);
  ASSERT_THAT(gone, SizeIs(1));
  EXPECT_FALSE(gone[0].value.has_value());
}

TEST_P(Suggestions, BehindOnesOwnTasteStandTheMostFollowedAuthorsOfHotPosts) {
  // Posts 10, 20, 30 and 40 by authors 10 … 40, with so many followers; 40 is not hot.
  for (const int64_t author : {10, 20, 30, 40}) {
    db_.Put(Post{.id = author, .author = author, .created_at = kNoon}, kNoon);
    for (int64_t fan = 0; fan < author; ++fan) AddFollow(1000 + fan, author, kNoon);
  }
  HotBoard board{.time = kNoon + minutes(1)};
  for (const int64_t post : {10, 30, 20, 99}) board.posts.push_back({.post = post});
  driver_.Pipe(topics::kHotPosts, HotBoardKey{board.time}, board, board.time);
  Wait(minutes(3));
  SetAffinity(kAnn, kBob, 1, kNoon + minutes(3));
  AddFollow(kAnn, 20, kNoon + minutes(3));
  Wait(minutes(6));
  EXPECT_THAT(ListOf(kAnn), ElementsAre(kBob, 30, 10));
  EXPECT_EQ(lists_[kAnn].users[1], (ListedUser{.user = 30, .count = 30, .source = "popular"}));
}

TEST_P(Suggestions, ImpossibleCountsAreDeadLetters) {
  SetAffinity(kAnn, kBob, -2, kNoon);
  const auto letters = driver_.DrainBytes("affinity.v1-dlq");
  ASSERT_THAT(letters, SizeIs(1));
  EXPECT_EQ(letters[0].headers.Last("dlq.class")->value, "RANGE");
}

TEST_P(Suggestions, AreTheRuleAfterAStormAndCrashes) {
  constexpr uint64_t kSeed = 17;
  SCOPED_TRACE(kSeed);
  std::mt19937_64 random(kSeed);
  std::map<std::pair<int64_t, int64_t>, int64_t> affinity;
  std::set<std::pair<int64_t, int64_t>> follows;
  Timestamp now = kNoon;
  for (int i = 0; i < 600; ++i) {
    const auto user = static_cast<int64_t>(random() % 6) + 1;
    const auto author = static_cast<int64_t>(random() % 40) + 1;
    now += seconds(static_cast<int64_t>(random() % 20));
    if (random() % 3 == 0) {
      if (follows.contains({user, author})) {
        follows.erase({user, author});
        Unfollow(user, author, now);
      } else {
        follows.insert({user, author});
        AddFollow(user, author, now);
      }
    } else {
      const auto count = static_cast<int64_t>(random() % 5);
      affinity[{user, author}] = count;
      SetAffinity(user, author, count, now);
    }
    if (i == 200) driver_.Crash();
    if (i == 400) driver_.CrashAndLoseState();
  }
  Wait(minutes(12));
  for (int64_t user = 1; user <= 6; ++user) {
    std::vector<std::pair<int64_t, int64_t>> rule;  // minus count, author
    for (const auto& [key, count] : affinity) {
      if (key.first == user && count > 0 && key.second != user && !follows.contains(key)) {
        rule.emplace_back(-count, key.second);
      }
    }
    std::sort(rule.begin(), rule.end());
    std::vector<int64_t> expected;
    for (size_t i = 0; i < std::min<size_t>(rule.size(), 20); ++i) {
      expected.push_back(rule[i].second);
    }
    std::vector<int64_t> liked;
    for (const ListedUser& listed : EntriesOf(user)) {
      EXPECT_FALSE(follows.contains({user, listed.user})) << user << " " << listed.user;
      if (listed.source == "affinity") liked.push_back(listed.user);
    }
    EXPECT_EQ(liked, expected) << user;
  }
}

TEST(SuggestionsQueries, AStrangerGetsTheAuthorsOfHotPosts) {
  EngineRun run(BuildSuggestions().value());
  const Post post{.id = 7, .author = kDan, .created_at = kNoon};
  run.Put(topics::kNormalPosts, schemas::PostId{7},
          std::optional(debezium::Change<Post>{.op = debezium::Op::kCreate, .after = post}), kNoon);
  run.Settle();
  for (int minute = 1; minute <= 3; ++minute) {
    HotBoard board{.time = kNoon + minutes(minute), .posts = {{.post = 7}}};
    run.Put(topics::kHotPosts, HotBoardKey{board.time}, std::optional(board), board.time);
    run.Settle();
  }
  for (int64_t user = 10; user < 40; ++user) {  // in all partitions
    run.Put(topics::kAffinity, AffinityKey{user, kBob},
            std::optional(AffinityRow(user, kBob, 2, kNoon)), kNoon + minutes(4),
            PartitionOf(UserId{user}, EngineRun::kPartitions));
  }
  run.Settle();
  const auto known = GetSuggested(run.engine(), 11).value();
  ASSERT_THAT(known.users, SizeIs(2));
  EXPECT_EQ(known.users[0].user, kBob);
  EXPECT_EQ(known.users[1].user, kDan);
  const auto stranger = GetSuggested(run.engine(), kAnn).value();
  ASSERT_THAT(stranger.users, SizeIs(1));
  EXPECT_EQ(stranger.users[0].user, kDan);
  EXPECT_EQ(stranger.users[0].source, "popular");
  EXPECT_THAT(GetSuggested(run.engine(), kDan).value().users, IsEmpty());
}

}  // namespace
}  // namespace millrace::topologies
