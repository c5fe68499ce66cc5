// The collaborative source of suggestions: whom similar users follow.
#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/numeric/int128.h"

#include "tests/topology/suggestion_lists.h"
#include "topologies/suggestions/facts.h"
#include "topologies/suggestions/lists.h"
#include "topologies/suggestions/similarity.h"

namespace millrace::topologies {
namespace {

using schemas::ListedUser;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using suggest::Answer;
using suggest::AuthorUser;
using suggest::FolloweesOf;
using suggest::Neighbour;
using suggest::Search;
using suggest::SimilarAuthors;
using suggest::Similarity;
using suggest::Taster;
using suggest::TastersOf;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int64_t kAnn = 1, kBob = 2, kCid = 3, kDan = 4;
constexpr std::array<int64_t, 4> kOfCid = {201, 202, 204, kAnn};  // whom Cid follows
constexpr int64_t kOne = int64_t{1} << 28;

TEST(Similarity, IsTheCosineInUnitsOfTwoToTheMinus28) {
  EXPECT_EQ(Similarity(24, 25, 25), 257'698'037);  // 0.96
  EXPECT_EQ(Similarity(7, 25, 2), 265'737'543);    // 7 / (5 sqrt 2) = 0.98994949…
  EXPECT_EQ(Similarity(9, 9, 9), kOne);
  EXPECT_EQ(Similarity(1, 1, kOne * kOne), 1);
}

TEST(Similarity, OfTheLongestRowsIsExact) {
  const int64_t most = suggest::kMostInteractions * suggest::kMostInteractions;
  const auto authors = static_cast<int64_t>(suggest::kRowAuthors);
  EXPECT_EQ(Similarity(most * authors, most * authors, most * authors), kOne);
  EXPECT_EQ(Similarity(most * authors / 2, most * authors, most * authors), kOne / 2);
  // Parts of a row that are of two times make no cosine above 1.
  EXPECT_EQ(Similarity(10, 3, 3), kOne);
}

TEST(NearestOf, TakesFiftyAndOfEqualOnesTheSmallerId) {
  std::vector<TastersOf> tasters = {{.author = 100}, {.author = 101}};
  for (int64_t user = 80; user > 10; --user) {
    tasters[0].rows.push_back({.user = user, .count = 1, .norm = 2});
    tasters[1].rows.push_back({.user = user, .count = 1, .norm = 2});
  }
  tasters[0].rows.push_back({.user = 5, .count = 1, .norm = 1});  // shares one author only
  const auto nearest = suggest::NearestOf({{100, 1}, {101, 1}}, 2, tasters);
  ASSERT_THAT(nearest, SizeIs(50));
  for (int64_t i = 0; i < 50; ++i) {
    EXPECT_EQ(nearest[static_cast<size_t>(i)], (Neighbour{.user = 11 + i, .similarity = kOne}));
  }
}

TEST(AuthorsOf, AreFortyWithTheGreatestSumsAndOfEqualOnesTheSmallerId) {
  FolloweesOf near{.neighbour = kBob, .similarity = 30};
  FolloweesOf far{.neighbour = kCid, .similarity = 20};
  for (int64_t author = 100; author < 150; ++author) far.rows.push_back({author});
  for (const int64_t author : {149, 500, 501}) near.rows.push_back({author});
  const SimilarAuthors found =
      suggest::AuthorsOf({far, near}, [](int64_t author) { return author != 500; });
  ASSERT_THAT(found.rows, SizeIs(40));
  EXPECT_EQ(found.rows[0].author, 149);
  EXPECT_EQ(found.rows[0].followers, 2);
  EXPECT_EQ(found.rows[1].author, 501);
  EXPECT_EQ(found.rows[2].author, 100);
  EXPECT_EQ(found.rows[39].author, 137);
}

// The rule by brute force, over everything at once.
class Rule {
 public:
  std::map<int64_t, std::map<int64_t, int64_t>> rows;  // user -> author -> count
  std::set<std::pair<int64_t, int64_t>> follows;

  std::vector<int64_t> ListOf(int64_t user) const {
    std::vector<int64_t> list;
    std::vector<std::pair<int64_t, int64_t>> liked;
    for (const auto& [author, count] : rows.at(user)) liked.emplace_back(-count, author);
    std::sort(liked.begin(), liked.end());
    for (const auto& [count, author] : liked) Add(user, author, &list);
    std::map<int64_t, int64_t> weights;
    for (const auto& [similarity, neighbour] : NeighboursOf(user)) {
      for (const auto& [follower, author] : follows) {
        if (follower == neighbour) weights[author] -= similarity;
      }
    }
    std::vector<std::pair<int64_t, int64_t>> similar;
    for (const auto& [author, weight] : weights) similar.emplace_back(weight, author);
    std::sort(similar.begin(), similar.end());
    for (const auto& [weight, author] : similar) Add(user, author, &list);
    return list;
  }

 private:
  void Add(int64_t user, int64_t author, std::vector<int64_t>* list) const {
    if (author == user || follows.contains({user, author}) || list->size() == 20) return;
    if (std::find(list->begin(), list->end(), author) == list->end()) list->push_back(author);
  }
  // Similarity and user, the fifty best first.
  std::vector<std::pair<int64_t, int64_t>> NeighboursOf(int64_t user) const {
    std::vector<std::pair<int64_t, int64_t>> neighbours;
    for (const auto& [other, row] : rows) {
      int64_t dot = 0, shared = 0;
      for (const auto& [author, count] : row) {
        const auto own = rows.at(user).find(author);
        if (own == rows.at(user).end()) continue;
        dot += own->second * count;
        ++shared;
      }
      if (other == user || shared < 2) continue;
      neighbours.emplace_back(-Cosine(dot, Norm(rows.at(user)), Norm(row)), other);
    }
    std::sort(neighbours.begin(), neighbours.end());
    if (neighbours.size() > 50) neighbours.resize(50);
    for (auto& [similarity, other] : neighbours) similarity = -similarity;
    return neighbours;
  }
  static int64_t Norm(const std::map<int64_t, int64_t>& row) {
    int64_t norm = 0;
    for (const auto& [author, count] : row) norm += count * count;
    return norm;
  }
  // The greatest s with s / 2^28 <= dot / sqrt(a b), by halving. Counts are small here.
  static int64_t Cosine(int64_t dot, int64_t a, int64_t b) {
    int64_t low = 0, high = kOne;
    while (low < high) {
      const int64_t middle = (low + high + 1) / 2;
      const bool fits =
          absl::uint128(middle) * absl::uint128(middle) * absl::uint128(a) * absl::uint128(b) <=
          absl::uint128(dot) * absl::uint128(dot) << 56;
      (fits ? low : high) = fits ? middle : middle - 1;
    }
    return low;
  }
};

class SimilarUsers : public testing::TestWithParam<int>, protected SuggestionLists {
 protected:
  SimilarUsers() : SuggestionLists(GetParam()) {}

  // Ann's row is (3, 4). Bob's, (4, 3), is at 0.96 of it, Cid's, (1, 1), at 0.98994949. Dan shares
  // one author only.
  void SetUp() override {
    SetAffinity(kBob, 100, 4, kNoon);
    SetAffinity(kBob, 101, 3, kNoon);
    SetAffinity(kCid, 100, 1, kNoon);
    SetAffinity(kCid, 101, 1, kNoon);
    SetAffinity(kDan, 100, 9, kNoon);
    for (const int64_t author : {200, 201, 100, 205}) AddFollow(kBob, author, kNoon);
    for (const int64_t author : kOfCid) AddFollow(kCid, author, kNoon);
    AddFollow(kDan, 203, kNoon);
    AddFollow(kAnn, 202, kNoon);
    Wait(minutes(1));
    SetAffinity(kAnn, 100, 3, kNoon + minutes(1));
    SetAffinity(kAnn, 101, 4, kNoon + minutes(1));
    Wait(minutes(6));
  }
  static ListedUser Similar(int64_t author, int64_t followers) {
    return {.user = author, .count = followers, .source = "similar"};
  }
  void ExpectTheRule(int64_t users, uint64_t seed);
  void ExpectNoRowsOfSearches() {
    EXPECT_THAT((driver_.ReadStore<int64_t, Search>("searches")), IsEmpty());
    EXPECT_THAT((driver_.ReadStore<Answer, TastersOf>("taster-answers")), IsEmpty());
    EXPECT_THAT((driver_.ReadStore<Answer, FolloweesOf>("followee-answers")), IsEmpty());
  }
};
INSTANTIATE_TEST_SUITE_P(Partitions, SimilarUsers, testing::Values(1, 4),
                         testing::PrintToStringParamName());

class ManySimilarUsers : public SimilarUsers {};
INSTANTIATE_TEST_SUITE_P(Partitions, ManySimilarUsers, testing::Values(1),
                         testing::PrintToStringParamName());

// 201: 0.96 + 0.98994949; 204: 0.98994949; 200 and 205: 0.96 each. 100 stands among the liked ones,
// 202 is followed, Ann is oneself, and nobody similar follows 203.
TEST_P(SimilarUsers, BehindTheLikedOnesStandTheAuthorsWhomTheyFollow) {
  const auto list = EntriesOf(kAnn);
  ASSERT_THAT(list, SizeIs(6));
  EXPECT_EQ(list[0].user, 101);
  EXPECT_EQ(list[1].user, 100);
  EXPECT_EQ(list[1].source, "affinity");
  EXPECT_EQ(list[2], Similar(201, 2));
  EXPECT_EQ(list[3], Similar(204, 1));
  EXPECT_EQ(list[4], Similar(200, 1));
  EXPECT_EQ(list[5], Similar(205, 1));
  EXPECT_THAT(ListOf(kDan), ElementsAre(100));
  ExpectNoRowsOfSearches();
}

TEST_P(SimilarUsers, StandBeforeThePopularOnes) {
  db_.Put(schemas::Post{.id = 7, .author = 204, .created_at = kNoon}, kNoon);
  db_.Put(schemas::Post{.id = 8, .author = 300, .created_at = kNoon}, kNoon);
  const schemas::HotBoard board{.time = kNoon + minutes(8), .posts = {{.post = 7}, {.post = 8}}};
  driver_.Pipe(topics::kHotPosts, schemas::HotBoardKey{board.time}, board, board.time);
  Wait(minutes(3));
  SetAffinity(kAnn, 101, 5, kNoon + minutes(11));
  Wait(minutes(6));
  const auto list = EntriesOf(kAnn);
  ASSERT_THAT(list, SizeIs(7));
  EXPECT_EQ(list[3].user, 204);
  EXPECT_EQ(list[3].source, "similar");
  EXPECT_EQ(list[6].user, 300);
  EXPECT_EQ(list[6].source, "popular");
}

TEST_P(SimilarUsers, WhoIsFollowedLeavesAtOnceAndMayComeBack) {
  AddFollow(kAnn, 201, kNoon + minutes(7));
  EXPECT_THAT(ListOf(kAnn), ElementsAre(101, 100, 204, 200, 205));
  Unfollow(kAnn, 201, kNoon + minutes(8));
  Wait(minutes(6));
  EXPECT_THAT(ListOf(kAnn), ElementsAre(101, 100, 201, 204, 200, 205));
}

// What an erased author leaves behind: the edge deletes all follows of them.
TEST_P(SimilarUsers, AnAuthorWhomNobodyFollowsAnyMoreLeavesAtOnce) {
  Unfollow(kBob, 201, kNoon + minutes(7));
  EXPECT_THAT(ListOf(kAnn), ElementsAre(101, 100, 201, 204, 200, 205));  // Cid follows 201 still
  Unfollow(kCid, 201, kNoon + minutes(7));
  EXPECT_THAT(ListOf(kAnn), ElementsAre(101, 100, 204, 200, 205));
  for (const auto& row : driver_.ReadStore<AuthorUser, Nothing>("similar-of")) {
    EXPECT_NE(row.key.author, 201);
  }
  Unfollow(kBob, 200, kNoon + minutes(7));
  driver_.CrashAndLoseState();
  EXPECT_THAT(ListOf(kAnn), ElementsAre(101, 100, 204, 205));
}

TEST_P(SimilarUsers, AnAuthorWhoLeftMayComeBackTenMinutesLater) {
  Unfollow(kBob, 200, kNoon + minutes(7));
  AddFollow(kBob, 200, kNoon + minutes(7));
  SetAffinity(kAnn, 101, 5, kNoon + minutes(7));
  Wait(minutes(1));
  EXPECT_THAT(ListOf(kAnn), ElementsAre(101, 100, 201, 204, 205));
  Wait(minutes(10));
  EXPECT_THAT((driver_.ReadStore<int64_t, int64_t>("recently-left")), IsEmpty());
  SetAffinity(kAnn, 101, 6, kNoon + minutes(18));
  Wait(minutes(1));
  EXPECT_THAT(ListOf(kAnn), ElementsAre(101, 100, 201, 204, 200, 205));
}

TEST_P(SimilarUsers, WhatTheyFollowSinceIsSeenADayLaterOrWhenTheListIsMadeAgain) {
  AddFollow(kCid, 206, kNoon + minutes(7));
  Wait(hours(23), hours(1));
  EXPECT_THAT(ListOf(kAnn), ElementsAre(101, 100, 201, 204, 200, 205));
  Wait(hours(2), hours(1));
  EXPECT_THAT(ListOf(kAnn), ElementsAre(101, 100, 201, 204, 206, 200, 205));
}

TEST_P(SimilarUsers, WhoFoundNobodyLooksAgainADayLater) {
  constexpr int64_t kEve = 5, kFay = 6;
  for (const int64_t author : {300, 301}) SetAffinity(kEve, author, 1, kNoon + minutes(7));
  Wait(minutes(6));
  EXPECT_THAT(ListOf(kEve), ElementsAre(300, 301));
  AddFollow(kFay, 400, kNoon + minutes(13));
  for (const int64_t author : {300, 301}) SetAffinity(kFay, author, 1, kNoon + minutes(13));
  Wait(hours(23), hours(1));
  EXPECT_THAT(ListOf(kEve), ElementsAre(300, 301));
  Wait(hours(2), hours(1));
  EXPECT_THAT(ListOf(kEve), ElementsAre(300, 301, 400));
}

TEST_P(SimilarUsers, WhoLikesOneAuthorOnlyHasNone) {
  SetAffinity(kAnn, 100, 0, kNoon + minutes(7));
  Wait(minutes(6));
  EXPECT_THAT(ListOf(kAnn), ElementsAre(101));
  EXPECT_THAT((driver_.ReadStore<int64_t, SimilarAuthors>("similar").size()), 1u);  // Bob's
}

// Erasure comes as ordinary deletions: of affinities and of follows.
TEST_P(SimilarUsers, WhoseRowsAreDeletedLeavesNothingBehind) {
  for (const int64_t author : {100, 101}) SetAffinity(kBob, author, 0, kNoon + minutes(7));
  for (const int64_t author : {200, 201, 100, 205}) Unfollow(kBob, author, kNoon + minutes(7));
  EXPECT_THAT(ListOf(kAnn), ElementsAre(101, 100, 201, 204));
  Wait(minutes(6));
  for (const auto& row : driver_.ReadStore<Taster, int64_t>("tasters")) {
    EXPECT_NE(row.key.user, kBob);
  }
  SetAffinity(kAnn, 101, 5, kNoon + minutes(13));
  Wait(minutes(6));
  EXPECT_THAT(EntriesOf(kAnn)[2], Similar(201, 1));  // of Cid alone
  EXPECT_THAT(EntriesOf(kAnn)[3], Similar(204, 1));
  for (const int64_t user : {kAnn, kCid, kDan}) {
    for (const int64_t author : {100, 101}) SetAffinity(user, author, 0, kNoon + minutes(19));
  }
  for (const int64_t author : kOfCid) Unfollow(kCid, author, kNoon + minutes(19));
  Unfollow(kDan, 203, kNoon + minutes(19));
  Unfollow(kAnn, 202, kNoon + minutes(19));
  Wait(minutes(6));
  EXPECT_THAT((driver_.ReadStore<Taster, int64_t>("tasters")), IsEmpty());
  EXPECT_THAT((driver_.ReadStore<UserAuthor, int64_t>("published")), IsEmpty());
  EXPECT_THAT((driver_.ReadStore<int64_t, SimilarAuthors>("similar")), IsEmpty());
  EXPECT_THAT((driver_.ReadStore<AuthorUser, Nothing>("similar-of")), IsEmpty());
  EXPECT_THAT((driver_.ReadStore<int64_t, suggest::Reader>("readers")), IsEmpty());
  Wait(minutes(11));
  EXPECT_THAT((driver_.ReadStore<int64_t, int64_t>("recently-left")), IsEmpty());
  ExpectNoRowsOfSearches();
}

TEST_P(ManySimilarUsers, UnderAnAuthorTheHundredWithTheHighestCountsAreLookedAt) {
  // A hundred and twenty more like 100 and 101, more than Bob and Cid, and all follow 300.
  for (int64_t user = 1000; user < 1120; ++user) {
    SetAffinity(user, 100, 30, kNoon + minutes(7));
    SetAffinity(user, 101, 40, kNoon + minutes(7));
    AddFollow(user, 300, kNoon + minutes(7));
  }
  Wait(minutes(1));
  SetAffinity(kAnn, 102, 1, kNoon + minutes(8));
  Wait(minutes(6));
  const auto list = EntriesOf(kAnn);
  ASSERT_THAT(list, SizeIs(4));
  EXPECT_EQ(list[3], Similar(300, 50));
}

// Random rows and follows, and a crash among them; then every list is made once more.
void SimilarUsers::ExpectTheRule(int64_t users, uint64_t seed) {
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  Rule rule;
  const auto any = [&random](uint64_t n) { return static_cast<int64_t>(random() % n); };
  // Ids of their own for each network, far from those of SetUp.
  const auto first = static_cast<int64_t>(seed) * 10'000;
  Timestamp now = kNoon + minutes(7) + seconds(first);
  for (int64_t user = first; user < first + users; ++user) rule.rows[user];
  for (int64_t i = 0; i < users * 9; ++i) {
    const int64_t user = first + any(static_cast<uint64_t>(users));
    now += Duration(50);
    if (any(3) == 0) {
      const int64_t followed = first + (any(2) == 0 ? any(20) : 1000 + any(60));
      if (rule.follows.erase({user, followed}) > 0) {
        Unfollow(user, followed, now);
      } else {
        rule.follows.insert({user, followed});
        AddFollow(user, followed, now);
      }
    } else {
      const int64_t author = first + 1000 + any(14);
      const int64_t count = any(5);
      SetAffinity(user, author, count, now);
      rule.rows[user][author] = count;
      if (count == 0) rule.rows[user].erase(author);
    }
    if (i == users * 5) driver_.CrashAndLoseState();
  }
  Wait(minutes(12));
  now += minutes(13);
  for (int64_t user = first; user < first + users; ++user) {
    AddFollow(user, 99, now);
    Unfollow(user, 99, now);
  }
  Wait(minutes(12));
  size_t listed = 0;
  for (int64_t user = first; user < first + users; ++user) {
    EXPECT_EQ(ListOf(user), rule.ListOf(user)) << user;
    listed += ListOf(user).size();
  }
  EXPECT_GT(listed, static_cast<size_t>(users) * 10);
}

TEST_P(SimilarUsers, AreTheRuleInARandomNetwork) { ExpectTheRule(25, 3); }

TEST_P(ManySimilarUsers, AreTheRuleInRandomNetworks) {  // with more than fifty neighbours
  ExpectTheRule(70, 44);
  ExpectTheRule(70, 45);
}

}  // namespace
}  // namespace millrace::topologies
