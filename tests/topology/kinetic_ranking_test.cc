// The kinetic ranking against feeds that are scored and sorted from scratch.
#include "topologies/common/ranking/kinetic_ranking.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace millrace::topologies {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::ElementsAre;

// A Monday; landmarks are Thursdays.
constexpr Timestamp kStart = TimestampFromMillis(1'767'571'200'000);

RankedPost PostOf(int64_t id, Timestamp created_at, double s) {
  return {.post = id, .author = id % 7, .created_at = created_at, .engagement = ToFixed(s / 0.4)};
}

std::vector<int64_t> OrderOf(const KineticRanking& feed) {
  std::vector<int64_t> posts;
  for (size_t i = 0; i < feed.size(); ++i) posts.push_back(feed.row(i).post);
  return posts;
}

TEST(KineticRanking, CrossesAtTheGoldenInstantOfItsSpecification) {
  KineticRanking feed(kStart);
  feed.Put(PostOf(1, kStart, 0.10));
  feed.Put(PostOf(2, kStart - hours(10), 0.25));
  EXPECT_THAT(OrderOf(feed), ElementsAre(1, 2));
  const auto line1 = Line::Of(feed.row(0), kStart, kStart);
  const auto line2 = Line::Of(feed.row(1), kStart, kStart);
  const double crossing = std::ldexp(static_cast<double>(line1.start - line2.start), -32) /
                          static_cast<double>(line2.slope - line1.slope);
  EXPECT_NEAR(crossing, 1.2642411177, 1e-9);

  const Timestamp change = feed.NextChange(0, 1);
  EXPECT_NEAR(static_cast<double>((change - kStart).count()) / 3'600'000, 2.34472, 1e-5);
  feed.Advance(change - milliseconds(1));
  EXPECT_THAT(OrderOf(feed), ElementsAre(1, 2));
  std::vector<Timestamp> swaps;
  feed.Advance(change, [&](const KineticRanking::Swap& swap) { swaps.push_back(swap.at); });
  EXPECT_THAT(OrderOf(feed), ElementsAre(2, 1));
  EXPECT_THAT(swaps, ElementsAre(change));
  feed.Advance(kStart + hours(24 * 40));
  EXPECT_THAT(OrderOf(feed), ElementsAre(2, 1));
}

TEST(KineticRanking, OfEqualScoresTheYoungerIsFirstForEver) {
  KineticRanking feed(kStart);
  feed.Put(PostOf(1, kStart - hours(9), 0.2));
  feed.Put(PostOf(3, kStart - hours(2), 0.2));
  feed.Put(PostOf(2, kStart - hours(2), 0.2));
  for (int day = 0; day < 60; ++day) {
    feed.Advance(kStart + hours(24 * day));
    ASSERT_THAT(OrderOf(feed), ElementsAre(2, 3, 1)) << day;
  }
}

TEST(KineticRanking, APostFromTheFutureIsAsFreshAsANewOneUntilItsTimeHasCome) {
  KineticRanking feed(kStart);
  feed.Put(PostOf(1, kStart + minutes(5), 0));
  feed.Put(PostOf(2, kStart, 0.001));
  EXPECT_THAT(OrderOf(feed), ElementsAre(2, 1));
  // 0.3 (1 - F) = 0.001 after two minutes.
  feed.Advance(kStart + minutes(3));
  EXPECT_THAT(OrderOf(feed), ElementsAre(1, 2));
  feed.Advance(kStart + hours(200));
  EXPECT_THAT(OrderOf(feed), ElementsAre(2, 1));
}

// Every page of a feed: the predicted moment of its next change is the moment at which it changes.
TEST(KineticRanking, KnowsTheMillisecondAtWhichAPageChanges) {
  constexpr uint64_t kSeed = 7;
  SCOPED_TRACE(kSeed);
  std::mt19937_64 random(kSeed);
  int changes = 0;
  for (int round = 0; round < 300; ++round) {
    KineticRanking feed(kStart + minutes(static_cast<int64_t>(random() % 20'000)));
    for (int64_t id = 1; id <= 60; ++id) {
      feed.Put(PostOf(id, feed.now() - minutes(static_cast<int64_t>(random() % 4000)),
                      static_cast<double>(random() % 1000) / 3000));
    }
    const size_t first = random() % 50;
    const size_t count = 1 + random() % 12;
    const size_t end = std::min(feed.size(), first + count);
    const Timestamp predicted = feed.NextChange(first, count);
    ASSERT_GT(predicted, feed.now());
    std::optional<Timestamp> changed;
    feed.Advance(predicted, [&](const KineticRanking::Swap& swap) {
      const bool touches = swap.position < end && swap.position + 1 >= first;
      if (touches && !changed.has_value()) changed = swap.at;
    });
    if (RankTime::Of(predicted).landmark == predicted) {
      EXPECT_EQ(changed.value_or(predicted), predicted);  // the end of a week: ask again
      continue;
    }
    ASSERT_EQ(changed, predicted) << "round " << round;
    ++changes;
  }
  EXPECT_GT(changes, 200);
}

// What the rule says, with nothing in common with the ranking but the lines themselves.
std::vector<int64_t> ScoredFromScratch(const std::map<int64_t, RankedPost>& rows, Timestamp now) {
  const RankTime axis = RankTime::Of(now);
  struct Scored {
    absl::int128 value;
    RankedPost row;
  };
  std::vector<Scored> scored;
  for (const auto& [post, row] : rows) {
    scored.push_back({Line::Of(row, now, axis.landmark).At(axis.growth), row});
  }
  std::sort(scored.begin(), scored.end(), [](const Scored& a, const Scored& b) {
    if (a.value != b.value) return a.value > b.value;
    if (a.row.created_at != b.row.created_at) return a.row.created_at > b.row.created_at;
    return a.row.post < b.row.post;
  });
  std::vector<int64_t> posts;
  for (const Scored& one : scored) posts.push_back(one.row.post);
  return posts;
}

// No two neighbours stand against the scores that the formula gives in floating point.
void ExpectOrderedByFormula(const KineticRanking& feed) {
  double above = 1e300;
  for (size_t i = 0; i < feed.size(); ++i) {
    const RankedPost& row = feed.row(i);
    const double age =
        std::max(0.0, static_cast<double>((feed.now() - row.created_at).count()) / 3'600'000);
    const double raw = 0.30 * std::exp(-0.10 * age) + 0.40 * FromFixed(row.engagement) +
                       0.30 * FromFixed(row.affinity);
    ASSERT_LE(raw, above + 1e-9) << "at position " << i;
    above = raw;
  }
}

// A feed under likes, unlikes, changes of affinity, new posts and deletions.
class Storm {
 public:
  explicit Storm(uint64_t seed) : random_(seed) {}

  void Rage(KineticRanking* feed, int changes) {
    for (int i = 0; i < changes; ++i) Change(feed);
  }
  const std::map<int64_t, RankedPost>& rows() const { return rows_; }
  uint64_t Draw(uint64_t below) { return random_() % below; }

 private:
  void Change(KineticRanking* feed) {
    const uint64_t what = Draw(10);
    if (rows_.empty() || what < 2) return Add(feed);
    auto victim = rows_.lower_bound(static_cast<int64_t>(Draw(static_cast<uint64_t>(next_))));
    if (victim == rows_.end()) victim = rows_.begin();
    if (what >= 8 && rows_.size() > 100) {
      EXPECT_TRUE(feed->Remove(victim->first));
      rows_.erase(victim);
      return;
    }
    RankedPost& row = victim->second;
    const int64_t likes = static_cast<int64_t>(Draw(40));
    if (what < 6) {
      row.engagement = ToFixed(Engagement({.likes = likes, .impressions = 100}));
    } else {
      row.affinity = ToFixed(Affinity(static_cast<int64_t>(Draw(9))));
    }
    feed->Put(row);
  }
  void Add(KineticRanking* feed) {
    // Some of one moment, some old, a few ahead of time.
    const auto age = seconds(static_cast<int64_t>(Draw(300'000)) - 200);
    const RankedPost row{.post = next_++,
                         .author = static_cast<int64_t>(Draw(20)),
                         .created_at = Draw(8) == 0 ? feed->now() : feed->now() - age};
    rows_[row.post] = row;
    feed->Put(row);
  }

  std::mt19937_64 random_;
  std::map<int64_t, RankedPost> rows_;
  int64_t next_ = 1;
};

TEST(KineticRanking, IsTheOrderOfScoresFromScratchAtTenThousandInstantsOfStorms) {
  constexpr uint64_t kSeed = 4711;
  SCOPED_TRACE(kSeed);
  Storm storm(kSeed);
  KineticRanking feed(kStart);
  storm.Rage(&feed, 1000);
  std::vector<int64_t> followed = OrderOf(feed);
  size_t swaps = 0;
  const auto follow = [&](const KineticRanking::Swap& swap) {
    std::swap(followed[swap.position], followed[swap.position + 1]);
    ++swaps;
  };
  for (int instant = 0; instant < 10'000; ++instant) {
    // Mostly seconds to minutes; now and then more than a week, across landmarks.
    const uint64_t span = storm.Draw(500) == 0 ? 800'000'000 : 400'000;
    feed.Advance(feed.now() + milliseconds(static_cast<int64_t>(1 + storm.Draw(span))), follow);
    ASSERT_EQ(OrderOf(feed), ScoredFromScratch(storm.rows(), feed.now())) << instant;
    ASSERT_EQ(followed, OrderOf(feed)) << instant;  // the deltas say the whole truth
    if (instant % 50 == 0) ExpectOrderedByFormula(feed);
    if (instant % 10 == 0) {
      storm.Rage(&feed, static_cast<int>(storm.Draw(60)));
      ASSERT_EQ(OrderOf(feed), ScoredFromScratch(storm.rows(), feed.now())) << instant;
      followed = OrderOf(feed);
    }
  }
  EXPECT_GT(swaps, 5000u);
}

TEST(KineticRanking, MadeAtOnceIsTheSameAsMadeOneByOne) {
  constexpr uint64_t kSeed = 99;
  SCOPED_TRACE(kSeed);
  Storm storm(kSeed);
  KineticRanking one_by_one(kStart);
  storm.Rage(&one_by_one, 1000);
  std::vector<RankedPost> rows;
  for (const auto& [post, row] : storm.rows()) rows.push_back(row);
  KineticRanking at_once(kStart);
  at_once.PutAll(rows);
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(OrderOf(at_once), OrderOf(one_by_one));
    ASSERT_EQ(at_once.NextChange(0, 20), one_by_one.NextChange(0, 20));
    one_by_one.Advance(one_by_one.now() + minutes(7));
    at_once.Advance(at_once.now() + minutes(7));
  }
  for (const RankedPost& row : rows)
    EXPECT_EQ(at_once.PositionOf(row.post), one_by_one.PositionOf(row.post));
}

}  // namespace
}  // namespace millrace::topologies
