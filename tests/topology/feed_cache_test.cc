#include "topologies/feed-cache/feed_cache.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/topology/engine_run.h"
#include "tests/topology/normal_topics.h"
#include "tests/topology/readme_picture.h"
#include "topologies/feed-cache/queries.h"
#include "topologies/feed-cache/readers.h"

namespace millrace::topologies {
namespace {

using schemas::CacheEntry;
using schemas::FeedEntry;
using schemas::FeedKey;
using schemas::HotBoard;
using schemas::HotBoardKey;
using schemas::Post;
using schemas::PostEngagement;
using schemas::PostId;
using schemas::UserId;
using schemas::UserList;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int64_t kAnn = 1, kBob = 2, kCid = 3;
constexpr Timestamp kNoon = TimestampFromMillis(1'767'268'800'000);
constexpr char kPage[] = "feed:v1:1:0:20";
constexpr char kVersion[] = "feed:ver:1";

TEST(FeedCacheTopology, ReadmeShowsThePictureOfToday) {
  EXPECT_EQ(PictureInReadme("feed-cache"), BuildFeedCache().value().Describe());
}

class FeedCache : public testing::TestWithParam<int> {
 protected:
  void AddEntry(int64_t user, int64_t post, int64_t author, Timestamp created) {
    PipeEntry(user, post,
              FeedEntry{.user = user, .post = post, .author = author, .created_at = created});
  }
  void RemoveEntry(int64_t user, int64_t post) { PipeEntry(user, post, std::nullopt); }
  void PipeEntry(int64_t user, int64_t post, const std::optional<FeedEntry>& entry) {
    std::string key, value;
    Serde<FeedKey>::Encode({user, post}, &key);
    std::optional<std::string_view> view;
    if (entry.has_value()) {
      Serde<FeedEntry>::Encode(*entry, &value);
      view = value;
    }
    driver_.PipeBytes(topics::kFeedEntries.name(), key, view, kNoon, Headers::Empty(),
                      PartitionOf(UserId{user}, GetParam()));
  }
  void SetEngagement(int64_t post, double e) {
    driver_.Pipe(topics::kPostEngagement, PostId{post}, PostEngagement{.post = post, .e = e},
                 kNoon);
  }
  void SetActive(const std::vector<int64_t>& users) {
    UserList list{.at = kNoon};
    for (const int64_t user : users) list.users.push_back({.user = user, .count = 5});
    driver_.Pipe(topics::kActiveUsers, "1h", list, kNoon);
  }
  // A number of rounds of the warmer; what each key was written with, in order.
  std::map<std::string, std::vector<std::optional<CacheEntry>>> Rounds(int n) {
    for (int i = 0; i < n; ++i) driver_.AdvanceWallClock(cache::kRound);
    std::map<std::string, std::vector<std::optional<CacheEntry>>> written;
    for (auto& record : driver_.Drain(topics::kCache)) {
      written[*record.key].push_back(std::move(record.value));
    }
    return written;
  }

  TopologyDriver driver_{BuildFeedCache().value(), {.partitions = GetParam(), .start = kNoon}};
  NormalDatabase db_{&driver_};
};
INSTANTIATE_TEST_SUITE_P(Partitions, FeedCache, testing::Values(1, 4),
                         testing::PrintToStringParamName());

TEST_P(FeedCache, AnActiveUsersFirstPageIsWritten) {
  AddEntry(kAnn, 10, kBob, kNoon - hours(1));
  AddEntry(kAnn, 11, kBob, kNoon - hours(2));
  AddEntry(kCid, 11, kBob, kNoon - hours(2));
  SetActive({kAnn});
  const auto written = Rounds(1);
  ASSERT_EQ(written.count("feed:v1:3:0:20"), 0u);
  ASSERT_EQ(written.at(kPage).size(), 1u);
  const CacheEntry& entry = *written.at(kPage)[0];
  EXPECT_EQ(entry.ttl_ms, 60'000);
  EXPECT_EQ(entry.written_at, kNoon + cache::kRound);
  EXPECT_THAT(entry.value, HasSubstr("\"posts\":[{\"post_id\":10,\"author_id\":2,"));
  EXPECT_THAT(entry.value, HasSubstr("\"source\":\"followed\""));
}

// What feed-fan-out did not push while an author had too many followers is in no feed when they are
// fewer again; who follows since then got it with the follow.
TEST(FeedCacheOfFormerCelebrities, APostThatWasNotPushedStaysOnPages) {
  TopologyDriver driver(BuildFeedCacheWith({.celebrities_from = 3}).value(),
                        {.partitions = 4, .start = kNoon});
  NormalDatabase db(&driver);
  const auto page_of_ann = [&] {
    driver.AdvanceWallClock(cache::kRound);
    std::string page;
    for (const auto& record : driver.Drain(topics::kCache)) {
      if (*record.key == kPage) page = record.value->value;
    }
    return page;
  };
  for (const int64_t user : {kAnn, kCid, int64_t{4}}) {
    db.Put(schemas::Follow{user, kBob, kNoon - hours(5)}, kNoon);
  }
  db.Put(Post{.id = 10, .author = kBob, .created_at = kNoon - hours(1)}, kNoon);
  driver.Pipe(topics::kActiveUsers, "1h", UserList{.at = kNoon, .users = {{.user = kAnn}}}, kNoon);
  EXPECT_THAT(page_of_ann(), HasSubstr("\"post_id\":10,"));
  db.Remove(schemas::FollowKey{kCid, kBob}, kNoon);
  db.Remove(schemas::FollowKey{4, kBob}, kNoon);
  db.Put(Post{.id = 11, .author = kBob, .created_at = kNoon - hours(1)},
         kNoon);  // news for the page
  EXPECT_THAT(page_of_ann(), HasSubstr("\"post_id\":10,"));
}

// Contradiction 7: entries live for 60 seconds and a warmer that comes every 120 leaves them cold
// half of the time. A page is written again before it is gone, and not more often than that.
TEST_P(FeedCache, APageThatStaysTheSameIsAlwaysThereAndSeldomWritten) {
  AddEntry(kAnn, 10, kBob, kNoon - hours(1));
  SetActive({kAnn});
  const auto pages = Rounds(150).at(kPage);  // five minutes
  EXPECT_LE(pages.size(), 6u);
  for (size_t i = 1; i < pages.size(); ++i) {
    EXPECT_LE(pages[i]->written_at, pages[i - 1]->written_at + Duration(pages[i - 1]->ttl_ms));
  }
}

TEST_P(FeedCache, APageLivesNoLongerThanItsOrder) {
  SetEngagement(10, 0.10 / 0.4);
  SetEngagement(11, 0.25 / 0.4);
  // They change places 2.34472 hours after noon: 20 seconds from the next round on.
  const auto ago = milliseconds(static_cast<int64_t>(2.34472 * 3'600'000)) - seconds(22);
  AddEntry(kAnn, 10, kBob, kNoon - ago);
  AddEntry(kAnn, 11, kBob, kNoon - ago - hours(10));
  SetActive({kAnn});
  const auto first = Rounds(1).at(kPage);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_NEAR(static_cast<double>(first[0]->ttl_ms), 20'000, 50);
  const auto later = Rounds(11).at(kPage);
  EXPECT_THAT(later.back()->value, HasSubstr("\"posts\":[{\"post_id\":11,"));
}

// Contradiction 8: entries that live for 60 seconds, and changes that are seen within 5.
TEST_P(FeedCache, ALikeChangesThePageOfAnActiveUserWithinFiveSeconds) {
  AddEntry(kAnn, 10, kBob, kNoon - hours(1));
  AddEntry(kAnn, 11, kBob, kNoon - hours(2));
  SetActive({kAnn});
  EXPECT_THAT(Rounds(3).at(kPage).back()->value, HasSubstr("\"posts\":[{\"post_id\":10,"));
  SetEngagement(11, 0.5);
  const auto written = Rounds(2);  // four seconds
  EXPECT_THAT(written.at(kPage).back()->value, HasSubstr("\"posts\":[{\"post_id\":11,"));
  EXPECT_EQ(written.at(kVersion).size(), 1u);
}

TEST_P(FeedCache, EveryChangeOfAFeedIsToldWithinFiveSeconds) {
  AddEntry(kAnn, 10, kBob, kNoon);
  AddEntry(kAnn, 11, kBob, kNoon);
  auto written = Rounds(2);
  ASSERT_EQ(written.at(kVersion).size(), 1u);  // both at once
  const std::string version = written.at(kVersion)[0]->value;
  EXPECT_THAT(Rounds(5), IsEmpty());
  RemoveEntry(kAnn, 10);
  driver_.Crash();
  written = Rounds(2);
  ASSERT_EQ(written.at(kVersion).size(), 1u);
  EXPECT_GT(written.at(kVersion)[0]->value, version);
  EXPECT_EQ(written.size(), 1u);  // who is not active has no page
}

TEST_P(FeedCache, WhoIsNotActiveAnyMoreHasNoPage) {
  AddEntry(kAnn, 10, kBob, kNoon);
  SetActive({kAnn});
  Rounds(2);
  SetActive({kCid});
  const auto written = Rounds(1);
  ASSERT_EQ(written.at(kPage).size(), 1u);
  EXPECT_FALSE(written.at(kPage)[0].has_value());
}

TEST_P(FeedCache, HotPostsAndPostsOfLikedAuthorsFillThePageUntilTheyAreDeleted) {
  db_.Put(Post{.id = 20, .author = kBob, .created_at = kNoon - hours(1)}, kNoon);
  db_.Put(Post{.id = 21, .author = kCid, .created_at = kNoon - hours(2)}, kNoon);
  driver_.Pipe(topics::kHotPostsOfDay, HotBoardKey{kNoon},
               HotBoard{.time = kNoon, .posts = {{.post = 20}}}, kNoon);
  std::string key, value;
  Serde<schemas::AffinityKey>::Encode({kAnn, kCid}, &key);
  Serde<schemas::Affinity>::Encode(
      {.user = kAnn, .author = kCid, .interactions = 1, .last_at = kNoon}, &value);
  driver_.PipeBytes(topics::kAffinity.name(), key, value, kNoon, Headers::Empty(),
                    PartitionOf(UserId{kAnn}, GetParam()));
  SetActive({kAnn});
  const std::string page = Rounds(1).at(kPage).back()->value;
  EXPECT_THAT(page, HasSubstr("\"post_id\":20,"));
  EXPECT_THAT(page, HasSubstr("\"source\":\"trending\""));
  EXPECT_THAT(page, HasSubstr("\"post_id\":21,"));
  EXPECT_THAT(page, HasSubstr("\"source\":\"affinity\""));
  db_.Remove(schemas::PostKey{20}, kNoon);
  db_.Put(Post{.id = 21,
               .author = kCid,
               .visibility = schemas::Visibility::kPrivate,
               .created_at = kNoon - hours(2)},
          kNoon, debezium::Op::kUpdate);
  EXPECT_THAT(Rounds(2).at(kPage).back()->value, HasSubstr("\"posts\":[]"));
}

TEST_P(FeedCache, OnlyTheFiftyNewestPostsOfAnAuthorAreKept) {
  for (int64_t post = 1; post <= 60; ++post) {
    db_.Put(Post{.id = post, .author = kBob, .created_at = kNoon - minutes(post)}, kNoon);
  }
  EXPECT_EQ((driver_.ReadStore<cache::PostIndexKey, cache::PostFact>("posts").size()), 100u);
}

TEST_P(FeedCache, ImpossibleNumbersAreDeadLetters) {
  SetActive({kAnn});
  driver_.Pipe(topics::kAffinity, schemas::AffinityKey{kAnn, kBob},
               schemas::Affinity{.user = kAnn, .author = kBob, .interactions = -4}, kNoon);
  EXPECT_EQ(driver_.DrainBytes("affinity.v1-dlq").size(), 1u);
}

TEST(FeedCacheQueries, AnEngineGivesThePagesOfEveryUser) {
  EngineRun run(BuildFeedCache().value());
  for (int64_t post = 1; post <= 45; ++post) {
    const FeedEntry entry{
        .user = kAnn, .post = post, .author = kBob, .created_at = kNoon - minutes(post)};
    run.Put(topics::kFeedEntries, FeedKey{kAnn, post}, std::optional(entry), kNoon,
            PartitionOf(UserId{kAnn}, EngineRun::kPartitions));
  }
  run.Put(topics::kPostEngagement, PostId{45}, std::optional(PostEngagement{.post = 45, .e = 1.0}),
          kNoon);
  run.Settle();
  std::vector<int64_t> read;
  FeedPageRequest request{.user = kAnn};
  do {
    const FeedPage page = GetFeedPage(run.engine(), request, kNoon).value();
    for (const FeedItem& item : page.items) read.push_back(item.post);
    request.cursor = page.next;
  } while (!request.cursor.empty());
  ASSERT_EQ(read.size(), 45u);
  EXPECT_EQ(read[0], 45);
  for (int64_t post = 1; post < 45; ++post) EXPECT_EQ(read[static_cast<size_t>(post)], post);
  EXPECT_FALSE(GetFeedPage(run.engine(), {.user = kAnn, .limit = 0}, kNoon).ok());
}

}  // namespace
}  // namespace millrace::topologies
