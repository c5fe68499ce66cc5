#include "topologies/affinity/affinity.h"

#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/topology/engine_run.h"
#include "tests/topology/normal_topics.h"
#include "tests/topology/readme_picture.h"
#include "topologies/affinity/affinities.h"
#include "topologies/affinity/queries.h"
#include "topologies/affinity/reactions.h"

namespace millrace::topologies {
namespace {

using schemas::ClientEvent;
using schemas::ClientEventType;
using schemas::Comment;
using schemas::CommentKey;
using schemas::Like;
using schemas::LikeKey;
using schemas::Post;
using schemas::PostKey;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

constexpr int64_t kAnn = 1, kBob = 2, kCid = 3;
constexpr int64_t kPost = 100, kOther = 101;  // both by Ann
// Midnight of a day, in UTC.
constexpr Timestamp kMidnight = TimestampFromMillis(1'767'225'600'000);
constexpr Timestamp kNoon = kMidnight + hours(12);

TEST(AffinityTopology, ReadmeShowsThePictureOfToday) {
  EXPECT_EQ(PictureInReadme("affinity"), BuildAffinity().value().Describe());
}

using PairCounts = std::map<std::pair<int64_t, int64_t>, int64_t>;

class Affinity : public testing::TestWithParam<int> {
 protected:
  void AddPosts(Timestamp at = kNoon) {
    db_.Put(Post{.id = kPost, .author = kAnn, .created_at = at}, at);
    db_.Put(Post{.id = kOther, .author = kAnn, .created_at = at}, at);
  }
  void AddLike(int64_t post, int64_t user, Timestamp at) {
    db_.Put(Like{.post = post, .user = user, .created_at = at}, at);
  }
  void Share(const std::string& id, int64_t post, int64_t user, Timestamp at) {
    driver_.Pipe(
        topics::kEvents, id,
        ClientEvent{
            .id = id, .type = ClientEventType::kShare, .user = user, .post = post, .at = at},
        at);
  }
  // Any record by which all tasks learn what time it is. Nothing of it counts.
  void MoveTimeTo(Timestamp at) {
    for (int64_t user = 1000; user < 1040; ++user) {
      const int64_t post = 100'000 + next_post_++;
      db_.Put(Post{.id = post, .author = kAnn, .created_at = at}, at);
      AddLike(post, user, at);
      db_.Remove(LikeKey{post, user}, at);
    }
  }
  // What a reader of affinity.v1 knows now.
  const PairCounts& Read() {
    for (const auto& record : driver_.Drain(topics::kAffinity)) {
      const std::pair pair(record.key->user, record.key->author);
      if (!record.value.has_value()) {
        EXPECT_EQ(counts_.erase(pair), 1u) << "a tombstone for what was not there";
        continue;
      }
      EXPECT_EQ(record.value->user, pair.first);
      EXPECT_EQ(record.value->author, pair.second);
      counts_[pair] = record.value->interactions;
      last_at_ = record.value->last_at;
    }
    return counts_;
  }

  TopologyDriver driver_{BuildAffinity().value(), {.partitions = GetParam(), .start = kNoon}};
  NormalDatabase db_{&driver_};
  PairCounts counts_;
  Timestamp last_at_;
  int64_t next_post_ = 0;
};
INSTANTIATE_TEST_SUITE_P(Partitions, Affinity, testing::Values(1, 4),
                         testing::PrintToStringParamName());

TEST_P(Affinity, LikesCommentsAndSharesCountOneEach) {
  AddPosts();
  AddLike(kPost, kBob, kNoon);
  AddLike(kOther, kBob, kNoon + seconds(1));
  db_.Put(Comment{.id = "c1", .post = kPost, .author = kBob, .created_at = kNoon + seconds(2)},
          kNoon + seconds(2));
  Share("e1", kPost, kBob, kNoon + seconds(3));
  AddLike(kPost, kCid, kNoon + seconds(3));
  EXPECT_THAT(Read(), UnorderedElementsAre(Pair(Pair(kBob, kAnn), 4), Pair(Pair(kCid, kAnn), 1)));
  EXPECT_EQ(last_at_, kNoon + seconds(3));
}

TEST_P(Affinity, OtherEventsAndRepeatedSharesDoNotCount) {
  AddPosts();
  Share("e1", kPost, kBob, kNoon);
  Share("e1", kPost, kBob, kNoon + seconds(9));
  for (const auto type : {ClientEventType::kView, ClientEventType::kImpression}) {
    driver_.Pipe(topics::kEvents, "k",
                 ClientEvent{.id = "e2", .type = type, .user = kCid, .post = kPost, .at = kNoon},
                 kNoon);
  }
  EXPECT_THAT(Read(), UnorderedElementsAre(Pair(Pair(kBob, kAnn), 1)));
}

TEST_P(Affinity, ReactionsToOnesOwnPostsDoNotCount) {
  AddPosts();
  AddLike(kPost, kAnn, kNoon);
  Share("e1", kPost, kAnn, kNoon);
  db_.Put(Comment{.id = "c1", .post = kPost, .author = kAnn, .created_at = kNoon}, kNoon);
  EXPECT_THAT(Read(), IsEmpty());
}

TEST_P(Affinity, WhatIsTakenBackToTheLastOneLeavesATombstone) {
  AddPosts();
  AddLike(kPost, kBob, kNoon);
  db_.Put(Comment{.id = "c1", .post = kPost, .author = kBob, .created_at = kNoon}, kNoon);
  db_.Remove(LikeKey{kPost, kBob}, kNoon + hours(1));
  EXPECT_THAT(Read(), UnorderedElementsAre(Pair(Pair(kBob, kAnn), 1)));
  db_.Remove(CommentKey{"c1"}, kNoon + hours(2));
  EXPECT_THAT(Read(), IsEmpty());
  EXPECT_THAT((driver_.ReadStore<affinity::Pair, affinity::Total>("affinity")), IsEmpty());
  EXPECT_THAT((driver_.ReadStore<affinity::DayOfPair, int32_t>("days")), IsEmpty());
}

TEST_P(Affinity, AnUnlikeSubtractsOnTheOriginalDay) {
  AddPosts();
  AddLike(kPost, kBob, kNoon);
  AddLike(kOther, kBob, kNoon + days(10));
  db_.Remove(LikeKey{kPost, kBob}, kNoon + days(20));
  EXPECT_THAT(Read(), UnorderedElementsAre(Pair(Pair(kBob, kAnn), 1)));
  // The day of the first like has nothing to take away any more; that of the second has.
  MoveTimeTo(kMidnight + days(90));
  EXPECT_THAT(Read(), UnorderedElementsAre(Pair(Pair(kBob, kAnn), 1)));
  MoveTimeTo(kMidnight + days(100));
  EXPECT_THAT(Read(), IsEmpty());
}

TEST_P(Affinity, AnEditOfAReactionChangesNothing) {
  AddPosts();
  AddLike(kPost, kBob, kNoon);
  db_.Put(Like{.post = kPost, .user = kBob, .reaction = "love", .created_at = kNoon},
          kNoon + hours(1), debezium::Op::kUpdate);
  Read();
  EXPECT_EQ(counts_.at({kBob, kAnn}), 1);
}

TEST_P(Affinity, AnInteractionCountsForNinetyDaysAndLeavesAtMidnight) {
  AddPosts(kMidnight);
  AddLike(kPost, kBob, kMidnight);                              // the first moment of a day
  AddLike(kPost, kCid, kMidnight + days(1) - milliseconds(1));  // its last one
  MoveTimeTo(kMidnight + days(90) - milliseconds(1));
  EXPECT_THAT(Read(), SizeIs(2));
  driver_.Drain(topics::kAffinity);
  MoveTimeTo(kMidnight + days(90));
  EXPECT_THAT(Read(), IsEmpty());
}

TEST_P(Affinity, MidnightComesAlsoWhenNothingHappens) {
  AddPosts(kMidnight);
  AddLike(kPost, kBob, kMidnight);
  EXPECT_THAT(Read(), SizeIs(1));
  for (int day = 0; day < 91; ++day) driver_.AdvanceWallClock(days(1));
  EXPECT_THAT(Read(), IsEmpty());
}

TEST_P(Affinity, OfADayThatIsOverNothingCounts) {
  AddPosts();
  MoveTimeTo(kNoon + days(100));
  Read();
  db_.Put(Like{.post = kPost, .user = kBob, .created_at = kNoon}, kNoon, debezium::Op::kSnapshot);
  db_.Put(Like{.post = kPost, .user = kCid, .created_at = kNoon + days(30)}, kNoon + days(30),
          debezium::Op::kSnapshot);
  EXPECT_THAT(Read(), UnorderedElementsAre(Pair(Pair(kCid, kAnn), 1)));
}

TEST_P(Affinity, AReactionWaitsForItsPost) {
  AddLike(kPost, kBob, kNoon);
  AddLike(kPost, kCid, kNoon);
  db_.Remove(LikeKey{kPost, kCid}, kNoon + seconds(1));
  Share("e1", kPost, kBob, kNoon + seconds(2));
  EXPECT_THAT(Read(), IsEmpty());
  driver_.Crash();
  db_.Put(Post{.id = kPost, .author = kAnn, .created_at = kNoon}, kNoon + minutes(4));
  EXPECT_THAT(Read(), UnorderedElementsAre(Pair(Pair(kBob, kAnn), 2)));
  EXPECT_THAT((driver_.ReadStore<int64_t, affinity::Waiting>("waiting")), IsEmpty());
}

TEST_P(Affinity, APostThatNeverComesMakesADeadLetterOfItsReactions) {
  AddLike(kPost, kBob, kNoon);
  Share("e1", kPost, kBob, kNoon + seconds(1));
  AddLike(kOther, kBob, kNoon + seconds(1));
  db_.Remove(LikeKey{kOther, kBob}, kNoon + seconds(2));
  db_.Put(Post{.id = kOther, .author = kAnn, .created_at = kNoon}, kNoon + seconds(3));
  for (int64_t post = 200; post < 240; ++post) {  // stream time may be hours ahead in a backlog
    db_.Put(Post{.id = post, .author = kAnn, .created_at = kNoon}, kNoon + hours(5));
  }
  driver_.AdvanceWallClock(minutes(4));
  EXPECT_THAT(driver_.DrainBytes("likes.n-dlq"), IsEmpty());
  driver_.AdvanceWallClock(minutes(2));
  const auto letters = driver_.Drain(Topic<schemas::PostId, debezium::Change<Like>>("likes.n-dlq"));
  ASSERT_THAT(letters, SizeIs(1));
  EXPECT_EQ(letters[0].key->value, kPost);
  EXPECT_EQ(letters[0].value->after->user, kBob);
  EXPECT_EQ(letters[0].timestamp, kNoon);
  ASSERT_NE(letters[0].headers.Last("dlq.class"), nullptr);
  EXPECT_EQ(letters[0].headers.Last("dlq.class")->value, "REFERENCE");
  const auto shares = driver_.Drain(Topic<schemas::PostId, ClientEvent>("events-dlq"));
  ASSERT_THAT(shares, SizeIs(1));
  EXPECT_EQ(shares[0].value->id, "e1");
  EXPECT_THAT(Read(), IsEmpty());
}

TEST_P(Affinity, WhatWasLikedBeforeThePostWasDeletedCanBeUnliked) {
  AddPosts();
  AddLike(kPost, kBob, kNoon);
  AddLike(kOther, kBob, kNoon);
  db_.Remove(PostKey{kPost}, kNoon + hours(1));
  EXPECT_THAT(Read(), UnorderedElementsAre(Pair(Pair(kBob, kAnn), 2)));
  db_.Remove(LikeKey{kPost, kBob}, kNoon + days(50));
  EXPECT_THAT(Read(), UnorderedElementsAre(Pair(Pair(kBob, kAnn), 1)));
}

TEST_P(Affinity, ADeletedPostIsForgottenWhenNothingOfItCounts) {
  AddPosts();
  db_.Remove(PostKey{kPost}, kNoon + hours(1));
  MoveTimeTo(kNoon + days(91));
  for (int64_t post = 200; post < 240; ++post) {
    db_.Put(Post{.id = post, .author = kCid, .created_at = kNoon}, kNoon + days(92));
    db_.Remove(PostKey{post}, kNoon + days(92));
  }
  for (const auto& row : driver_.ReadStore<int64_t, affinity::PostAuthor>("authors")) {
    EXPECT_NE(row.key, kPost);
  }
}

TEST_P(Affinity, SharesAtTimesThatCannotBeAreRefused) {
  AddPosts();
  const auto send = [&](const std::string& id, std::optional<int64_t> post, Timestamp at) {
    driver_.Pipe(
        topics::kEvents, id,
        ClientEvent{
            .id = id, .type = ClientEventType::kShare, .user = kBob, .post = post, .at = at},
        kNoon);
  };
  send("postless", std::nullopt, kNoon);
  send("tomorrow", kPost, kNoon + hours(25));
  send("soon", kPost, kNoon + minutes(20));
  EXPECT_THAT(Read(), UnorderedElementsAre(Pair(Pair(kBob, kAnn), 1)));
  EXPECT_EQ(last_at_, kNoon);  // a share of a clock that is ahead counts at the log's time
  std::map<std::string, std::string> classes;
  for (const auto& letter : driver_.DrainBytes("events-dlq")) {
    classes[*letter.key] = *letter.headers.Last("dlq.class")->value;
  }
  EXPECT_THAT(classes, UnorderedElementsAre(Pair("postless", "SCHEMA"), Pair("tomorrow", "RANGE")));
}

TEST_P(Affinity, AnErasedUserIsGoneOnBothSidesAndStaysGone) {
  AddPosts();
  db_.Put(Post{.id = 300, .author = kBob, .created_at = kNoon}, kNoon);
  db_.Put(Post{.id = 301, .author = kCid, .created_at = kNoon}, kNoon);
  AddLike(kPost, kBob, kNoon);  // Bob to Ann
  AddLike(300, kCid, kNoon);    // Cid to Bob
  AddLike(301, kAnn, kNoon);    // Ann to Cid
  AddLike(999, kBob, kNoon);    // waits
  EXPECT_THAT(Read(), SizeIs(3));
  driver_.Pipe(topics::kUserErased, schemas::UserId{kBob},
               schemas::UserErased{.user = kBob, .request = "r1", .erased_at = kNoon}, kNoon);
  EXPECT_THAT(Read(), UnorderedElementsAre(Pair(Pair(kAnn, kCid), 1)));
  int64_t rows = 0;
  for (const auto& done : driver_.Drain(topics::kErasureDone)) {
    EXPECT_EQ(done.value->user, kBob);
    EXPECT_EQ(done.value->request, "r1");
    rows += done.value->rows;
  }
  EXPECT_EQ(rows, 3);  // two pairs and one that waited

  Share("late", kPost, kBob, kNoon + minutes(1));
  AddLike(300, kAnn, kNoon + minutes(1));
  db_.Remove(PostKey{300}, kNoon + minutes(2));
  EXPECT_THAT(Read(), UnorderedElementsAre(Pair(Pair(kAnn, kCid), 1)));
  for (const auto& row : driver_.ReadStore<int64_t, affinity::PostAuthor>("authors")) {
    EXPECT_NE(row.value.author, kBob);
  }
}

TEST(AffinityQueries, AnEngineKnowsTheCountsOfEveryUser) {
  EngineRun run(BuildAffinity().value());
  for (int64_t post = 1; post <= 30; ++post) {
    const Post row{.id = post, .author = post % 3 + 1, .created_at = kNoon};
    run.Put(topics::kNormalPosts, schemas::PostId{post},
            std::optional(debezium::Change<Post>{.op = debezium::Op::kCreate, .after = row}),
            kNoon);
    const Like like{.post = post, .user = 50 + post % 2, .created_at = kNoon};
    run.Put(topics::kNormalLikes, schemas::PostId{post},
            std::optional(debezium::Change<Like>{.op = debezium::Op::kCreate, .after = like}),
            kNoon);
  }
  run.Settle();
  const auto one = GetAffinity(run.engine(), {.user = 50, .author = 1}).value();
  EXPECT_EQ(one.interactions, 5);
  EXPECT_EQ(one.last_at, kNoon);
  EXPECT_EQ(GetAffinity(run.engine(), {.user = 50, .author = 9}).value().interactions, 0);
  const auto all = GetAffinities(run.engine(), 51).value();
  ASSERT_THAT(all, SizeIs(3));
  EXPECT_EQ(all[0].author, 1);
  EXPECT_EQ(all[2].interactions, 5);
  EXPECT_THAT(GetAffinities(run.engine(), 7).value(), IsEmpty());
}

// The rule, said once more: an interaction that exists counts on the days D … D + 89.
class Naive {
 public:
  void Like(int64_t post, int64_t user, Timestamp at) { likes_[{post, user}] = at; }
  void Unlike(int64_t post, int64_t user) { likes_.erase({post, user}); }
  bool Likes(int64_t post, int64_t user) const { return likes_.contains({post, user}); }
  PairCounts Count(Timestamp now, const std::map<int64_t, int64_t>& authors) const {
    PairCounts counts;
    for (const auto& [key, at] : likes_) {
      const int64_t author = authors.at(key.first);
      const int64_t age = affinity::DayOf(now) - affinity::DayOf(at);
      if (author != key.second && age < 90) ++counts[{key.second, author}];
    }
    return counts;
  }

 private:
  std::map<std::pair<int64_t, int64_t>, Timestamp> likes_;
};

TEST_P(Affinity, IsTheRuleAfterAStormOfLikesUnlikesAndCrashes) {
  constexpr uint64_t kSeed = 31;
  SCOPED_TRACE(kSeed);
  std::mt19937_64 random(kSeed);
  std::map<int64_t, int64_t> authors;
  for (int64_t post = 1; post <= 40; ++post) {
    authors[post] = post % 5 + 1;
    db_.Put(Post{.id = post, .author = authors[post], .created_at = kNoon}, kNoon);
  }
  Naive naive;
  Timestamp now = kNoon;
  for (int i = 0; i < 1500; ++i) {
    now += minutes(static_cast<int64_t>(random() % 400));
    const int64_t post = static_cast<int64_t>(random() % 40) + 1;
    const int64_t user = static_cast<int64_t>(random() % 10) + 1;
    if (naive.Likes(post, user)) {
      db_.Remove(LikeKey{post, user}, now);
      naive.Unlike(post, user);
    } else {
      AddLike(post, user, now);
      naive.Like(post, user, now);
    }
    if (i % 500 == 250) driver_.CrashAndLoseState();
    if (i % 150 == 0) {
      MoveTimeTo(now);
      ASSERT_EQ(Read(), naive.Count(now, authors)) << i;
    }
  }
}

}  // namespace
}  // namespace millrace::topologies
