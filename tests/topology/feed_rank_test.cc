#include "topologies/feed-rank/feed_rank.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "millrace/topology_driver.h"
#include "schemas/topics.h"
#include "tests/topology/readme_picture.h"
#include "topologies/common/ranking/kinetic_ranking.h"
#include "topologies/feed-rank/feeds.h"

namespace millrace::topologies {
namespace {

using schemas::FeedEntry;
using schemas::FeedKey;
using schemas::PostEngagement;
using schemas::PostId;
using schemas::UserFeedRow;
using schemas::UserId;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int64_t kAnn = 1, kBob = 2, kCid = 3;
constexpr Timestamp kNoon = TimestampFromMillis(1'767'268'800'000);

TEST(FeedRankTopology, ReadmeShowsThePictureOfToday) {
  EXPECT_EQ(PictureInReadme("feed-rank"), BuildFeedRank().value().Describe());
}

class FeedRank : public testing::TestWithParam<int> {
 protected:
  // Records of a user, in the user's partition.
  template <class K, class V>
  void PipeForUser(const Topic<K, V>& topic, int64_t user, const K& key,
                   const std::optional<V>& value, Timestamp at) {
    std::string key_bytes, value_bytes;
    Serde<K>::Encode(key, &key_bytes);
    if (value.has_value()) Serde<V>::Encode(*value, &value_bytes);
    std::optional<std::string_view> view;
    if (value.has_value()) view = value_bytes;
    driver_.PipeBytes(topic.name(), key_bytes, view, at, Headers::Empty(),
                      PartitionOf(UserId{user}, GetParam()));
  }
  void AddEntry(int64_t user, int64_t post, int64_t author, Timestamp created, Timestamp at,
                bool is_read = false) {
    FeedEntry entry{.user = user, .post = post, .author = author, .created_at = created};
    entry.is_read = is_read;
    if (is_read) entry.read_at = at;
    PipeForUser(topics::kFeedEntries, user, FeedKey{user, post}, std::optional(entry), at);
  }
  void RemoveEntry(int64_t user, int64_t post, Timestamp at) {
    PipeForUser(topics::kFeedEntries, user, FeedKey{user, post}, std::optional<FeedEntry>(), at);
  }
  void SetAffinity(int64_t user, int64_t author, int64_t interactions, Timestamp at) {
    std::optional<schemas::Affinity> row;
    if (interactions > 0) {
      row = schemas::Affinity{
          .user = user, .author = author, .interactions = interactions, .last_at = at};
    }
    PipeForUser(topics::kAffinity, user, schemas::AffinityKey{user, author}, row, at);
  }
  void SetEngagement(int64_t post, double e, Timestamp at) {
    driver_.Pipe(topics::kPostEngagement, PostId{post}, PostEngagement{.post = post, .e = e}, at);
  }
  // Lets time go by without records.
  void Wait(Duration span) {
    for (; span > Duration(0); span -= seconds(30)) driver_.AdvanceWallClock(seconds(30));
  }
  // Rows of user.feeds.v1 as a table behind the topic has them.
  const std::map<FeedKey, UserFeedRow>& Read() {
    for (const auto& record : driver_.Drain(topics::kUserFeeds)) {
      ++written_;
      if (record.value.has_value()) {
        rows_[*record.key] = *record.value;
      } else {
        EXPECT_EQ(rows_.erase(*record.key), 1u) << "a tombstone for what was not there";
      }
    }
    return rows_;
  }
  // The posts that have a position, in its order.
  std::vector<int64_t> Ranked(int64_t user) {
    std::map<int32_t, int64_t> posts;
    for (const auto& [key, row] : Read()) {
      if (key.user != user || !row.position.has_value()) continue;
      EXPECT_TRUE(posts.emplace(*row.position, key.post).second) << "two posts at one position";
    }
    std::vector<int64_t> order;
    for (const auto& [position, post] : posts) {
      order.push_back(post);
      EXPECT_EQ(position, static_cast<int32_t>(order.size())) << "positions have a gap";
    }
    return order;
  }

  TopologyDriver driver_{BuildFeedRank().value(), {.partitions = GetParam(), .start = kNoon}};
  std::map<FeedKey, UserFeedRow> rows_;
  int written_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Partitions, FeedRank, testing::Values(1, 4),
                         testing::PrintToStringParamName());

TEST_P(FeedRank, ANewEntryIsThereAtOnceAndHasItsPositionSoon) {
  AddEntry(kAnn, 10, kBob, kNoon, kNoon);
  ASSERT_THAT(Read(), SizeIs(1));
  EXPECT_NEAR(rows_.at({kAnn, 10}).relevance, 0.3 / 1.3, 1e-9);
  EXPECT_EQ(rows_.at({kAnn, 10}).created_at, kNoon);
  Wait(minutes(1));
  AddEntry(kAnn, 11, kBob, kNoon + minutes(1), kNoon + minutes(1));
  Wait(minutes(2));
  EXPECT_THAT(Ranked(kAnn), ElementsAre(11, 10));
}

// Contradiction 1: rows are ordered by raw scores and show relevance = raw / (1 + raw).
TEST_P(FeedRank, HasTheGoldenRelevanceOfItsSpecification) {
  const PostCounts counts{.likes = 10, .comments = 5, .shares = 2, .impressions = 1000};
  SetEngagement(10, Engagement(counts), kNoon);
  SetAffinity(kAnn, kBob, 7, kNoon);
  AddEntry(kAnn, 11, kBob, kNoon - hours(2), kNoon);
  AddEntry(kAnn, 10, kBob, kNoon - hours(2), kNoon);
  EXPECT_NEAR(Read().at({kAnn, 11}).relevance, Relevance(0.3 * std::exp(-0.2) + 0.3 * std::log(8)),
              1e-9);
  Wait(minutes(1));
  EXPECT_THAT(Ranked(kAnn), ElementsAre(10, 11));
  const UserFeedRow& row = rows_.at({kAnn, 10});
  EXPECT_NEAR(
      row.relevance,
      Relevance(0.3 * std::exp(-0.1 * (2 + static_cast<double>((row.scored_at - kNoon).count()) /
                                               3'600'000)) +
                0.4 * 0.0256677467 + 0.3 * 2.0794415417),
      1e-9);
  EXPECT_NEAR(row.relevance, 0.4680055300, 2e-4);  // seconds later
}

TEST_P(FeedRank, LikesAndAffinityMoveAPostWithinAMinute) {
  AddEntry(kAnn, 10, kBob, kNoon - hours(3), kNoon);
  AddEntry(kAnn, 11, kCid, kNoon, kNoon);
  Wait(minutes(1));
  EXPECT_THAT(Ranked(kAnn), ElementsAre(11, 10));
  SetEngagement(10, 0.5, kNoon + minutes(2));
  Wait(minutes(2));
  EXPECT_THAT(Ranked(kAnn), ElementsAre(10, 11));
  SetAffinity(kAnn, kCid, 1, kNoon + minutes(4));
  Wait(minutes(2));
  EXPECT_THAT(Ranked(kAnn), ElementsAre(11, 10));
  SetAffinity(kAnn, kCid, 0, kNoon + minutes(6));
  Wait(minutes(2));
  EXPECT_THAT(Ranked(kAnn), ElementsAre(10, 11));
}

// The crossing of the specification: age 0 h and S = 0.10, age 10 h and S = 0.25, after 2.34472 h.
TEST_P(FeedRank, APostIsOvertakenWhenItsTimeHasComeAndNothingElseHappened) {
  SetEngagement(10, 0.10 / 0.4, kNoon);
  SetEngagement(11, 0.25 / 0.4, kNoon);
  AddEntry(kAnn, 10, kBob, kNoon, kNoon);
  AddEntry(kAnn, 11, kBob, kNoon - hours(10), kNoon);
  Wait(hours(2) + minutes(20));
  EXPECT_THAT(Ranked(kAnn), ElementsAre(10, 11));
  Wait(minutes(3));
  EXPECT_THAT(Ranked(kAnn), ElementsAre(11, 10));
}

TEST_P(FeedRank, RelevanceIsWrittenAgainWhenItHasChangedByAHundredth) {
  AddEntry(kAnn, 10, kBob, kNoon, kNoon);
  double before = Read().at({kAnn, 10}).relevance;
  const int at_first = written_;
  for (int hour = 0; hour < 72; ++hour) {
    Wait(hours(1));
    const UserFeedRow& row = Read().at({kAnn, 10});
    const double age = static_cast<double>((row.scored_at - kNoon).count()) / 3'600'000;
    EXPECT_NEAR(row.relevance, Relevance(0.3 * std::exp(-0.1 * age)), 1e-9);
    EXPECT_NEAR(row.relevance, Relevance(0.3 * std::exp(-0.1 * (hour + 1))), 0.0101);
    EXPECT_LE(row.relevance, before);
    before = row.relevance;
  }
  // 0.23 in steps of 0.01, and once for the position.
  EXPECT_LE(written_ - at_first, 24);
  EXPECT_GE(written_ - at_first, 20);
}

TEST_P(FeedRank, AFeedIsPublishedOnceAMinuteHoweverMuchHappens) {
  AddEntry(kAnn, 10, kBob, kNoon - hours(1), kNoon);
  AddEntry(kAnn, 11, kCid, kNoon, kNoon);
  Wait(minutes(2));
  Read();
  written_ = 0;
  for (int second = 0; second < 50; ++second) {
    SetEngagement(10, second % 2 == 0 ? 0.5 : 0, kNoon + minutes(2) + seconds(second));
  }
  Read();
  EXPECT_LE(written_, 2);
}

TEST_P(FeedRank, AnEntryThatGoesLeavesATombstoneAndOthersMoveUp) {
  for (int64_t post = 10; post < 14; ++post) {
    AddEntry(kAnn, post, kBob, kNoon - minutes(post), kNoon);
  }
  Wait(minutes(2));
  EXPECT_THAT(Ranked(kAnn), ElementsAre(10, 11, 12, 13));
  RemoveEntry(kAnn, 11, kNoon + minutes(2));
  EXPECT_FALSE(Read().contains({kAnn, 11}));
  Wait(minutes(2));
  EXPECT_THAT(Ranked(kAnn), ElementsAre(10, 12, 13));
  for (const int64_t post : {10, 12, 13}) RemoveEntry(kAnn, post, kNoon + minutes(5));
  RemoveEntry(kAnn, 13, kNoon + minutes(5));  // once more
  EXPECT_THAT(Read(), IsEmpty());
  EXPECT_THAT((driver_.ReadStore<int64_t, rank::Reader>("readers")), IsEmpty());
  EXPECT_THAT((driver_.ReadStore<rank::Wake, Nothing>("wakes")), IsEmpty());
  EXPECT_THAT((driver_.ReadStore<rank::Holder, Nothing>("holders")), IsEmpty());
  EXPECT_THAT((driver_.ReadStore<int64_t, rank::PartitionBits>("interested")), IsEmpty());
}

TEST_P(FeedRank, OnlyTheFirstHundredHavePositions) {
  for (int64_t post = 1; post <= 130; ++post) {
    AddEntry(kAnn, post, kBob, kNoon - minutes(post), kNoon);
  }
  Wait(minutes(3));
  EXPECT_THAT(Ranked(kAnn), SizeIs(100));
  EXPECT_EQ(rows_.size(), 130u);
  SetEngagement(130, 1, kNoon + minutes(3));
  Wait(minutes(2));
  EXPECT_EQ(Ranked(kAnn).front(), 130);
  EXPECT_FALSE(rows_.at({kAnn, 100}).position.has_value());
}

TEST_P(FeedRank, AReadEntryKeepsItsPlace) {
  AddEntry(kAnn, 10, kBob, kNoon, kNoon);
  AddEntry(kAnn, 11, kBob, kNoon - hours(1), kNoon);
  Wait(minutes(2));
  Read();
  AddEntry(kAnn, 10, kBob, kNoon, kNoon + minutes(3), /*is_read=*/true);
  const UserFeedRow& row = Read().at({kAnn, 10});
  EXPECT_TRUE(row.is_read);
  EXPECT_EQ(row.read_at, kNoon + minutes(3));
  EXPECT_EQ(row.position, 1);
}

TEST_P(FeedRank, EngagementGoesOnlyToPartitionsThatHoldThePost) {
  AddEntry(kAnn, 10, kBob, kNoon, kNoon);
  AddEntry(kAnn, 11, kBob, kNoon, kNoon);
  RemoveEntry(kAnn, 11, kNoon);
  for (int64_t post = 10; post < 30; ++post) SetEngagement(post, 0.5, kNoon);
  const auto news = driver_.DrainBytes("feed-rank-engagement-by-holder-repartition");
  ASSERT_THAT(news, SizeIs(1));
  EXPECT_EQ(news[0].key, "10");
  EXPECT_EQ(news[0].partition, PartitionOf(UserId{kAnn}, GetParam()));
}

TEST_P(FeedRank, APartitionAsksForAPostOnceHoweverManyHoldIt) {
  std::set<PartitionId> holding;
  for (int64_t user = 1; user <= 40; ++user) {
    AddEntry(user, 10, kBob, kNoon, kNoon);
    holding.insert(PartitionOf(UserId{user}, GetParam()));
  }
  EXPECT_THAT(driver_.DrainBytes("feed-rank-interest-repartition"), SizeIs(holding.size()));
  for (int64_t user = 1; user < 40; ++user) RemoveEntry(user, 10, kNoon);
  EXPECT_THAT(driver_.DrainBytes("feed-rank-interest-repartition"), SizeIs(holding.size() - 1));
  RemoveEntry(40, 10, kNoon);
  EXPECT_THAT(driver_.DrainBytes("feed-rank-interest-repartition"), SizeIs(1));
}

TEST_P(FeedRank, ImpossibleNumbersAreDeadLetters) {
  AddEntry(kAnn, 10, kBob, kNoon, kNoon);
  SetEngagement(10, -1, kNoon);
  SetEngagement(10, 1e9, kNoon);
  SetAffinity(kAnn, kBob, 1, kNoon);
  driver_.Pipe(topics::kAffinity, schemas::AffinityKey{kAnn, kBob},
               schemas::Affinity{.user = kAnn, .author = kBob, .interactions = -4}, kNoon);
  const auto letters = driver_.DrainBytes("post.e.v1-dlq");
  ASSERT_THAT(letters, SizeIs(2));
  EXPECT_EQ(letters[0].headers.Last("dlq.class")->value, "RANGE");
  ASSERT_THAT(driver_.DrainBytes("affinity.v1-dlq"), SizeIs(1));
}

// What the feeds of a storm are, scored from scratch.
struct Model {
  std::map<FeedKey, std::pair<int64_t, Timestamp>> entries;  // author, created_at
  std::map<int64_t, double> engagement;
  std::map<std::pair<int64_t, int64_t>, int64_t> affinity;

  std::vector<int64_t> Order(int64_t user, Timestamp now) const {
    std::vector<RankedPost> rows;
    for (const auto& [key, entry] : entries) {
      if (key.user != user) continue;
      const auto e = engagement.find(key.post);
      const auto a = affinity.find({user, entry.first});
      rows.push_back({.post = key.post,
                      .author = entry.first,
                      .created_at = entry.second,
                      .engagement = e == engagement.end() ? 0 : ToFixed(e->second),
                      .affinity = a == affinity.end() ? 0 : ToFixed(Affinity(a->second))});
    }
    std::sort(rows.begin(), rows.end(), [now](const RankedPost& a, const RankedPost& b) {
      const double raw_a = RawScoreOf(a, now), raw_b = RawScoreOf(b, now);
      return raw_a != raw_b ? raw_a > raw_b : IsFirstOfEqual(a, b);
    });
    std::vector<int64_t> posts;
    for (size_t i = 0; i < std::min<size_t>(rows.size(), 100); ++i) posts.push_back(rows[i].post);
    return posts;
  }
};

TEST_P(FeedRank, IsTheOrderOfScoresFromScratchAfterStormsAndCrashes) {
  constexpr uint64_t kSeed = 5;
  SCOPED_TRACE(kSeed);
  std::mt19937_64 random(kSeed);
  Model model;
  Timestamp now = kNoon;
  for (int round = 0; round < 6; ++round) {
    for (int i = 0; i < 250; ++i) {
      const auto user = static_cast<int64_t>(random() % 5) + 1;
      const auto post = static_cast<int64_t>(random() % 60) + 1;
      const int64_t author = 100 + post % 6;
      const Timestamp created = kNoon - minutes(13 * post);
      const FeedKey key{user, post};
      const uint64_t what = random() % 10;
      if (what < 4) {
        model.entries[key] = {author, created};
        AddEntry(user, post, author, created, now);
      } else if (what < 5) {
        model.entries.erase(key);
        RemoveEntry(user, post, now);
      } else if (what < 8) {
        const double e = static_cast<double>(random() % 100) / 64;
        model.engagement[post] = e;
        SetEngagement(post, e, now);
      } else {
        const auto count = static_cast<int64_t>(random() % 6);
        model.affinity[{user, author}] = count;
        SetAffinity(user, author, count, now);
      }
      if (i == 120) round % 2 == 0 ? driver_.Crash() : driver_.CrashAndLoseState();
    }
    Wait(minutes(3));
    now += minutes(3) + seconds(1);
    for (int64_t user = 1; user <= 5; ++user) {
      Timestamp scored = kNoon;
      const auto ranked = Ranked(user);
      for (const auto& row : driver_.ReadStore<int64_t, rank::Reader>("readers")) {
        if (row.key == user) scored = row.value.published_at;
      }
      ASSERT_EQ(ranked, model.Order(user, scored)) << "user " << user << " round " << round;
    }
    for (const auto& [key, row] : Read()) ASSERT_TRUE(model.entries.contains(key));
    ASSERT_EQ(rows_.size(), model.entries.size());
  }
}

}  // namespace
}  // namespace millrace::topologies
