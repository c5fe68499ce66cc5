// The way of a reader over the cache: what is served from where, and how that is counted.
#include "topologies/feed-cache/feed_pages.h"

#include <atomic>
#include <functional>
#include <latch>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schemas/topics.h"
#include "tests/topology/engine_run.h"
#include "topologies/feed-cache/feed_cache.h"
#include "topologies/feed-cache/readers.h"

namespace millrace::topologies {
namespace {

using schemas::FeedEntry;
using schemas::FeedKey;
using schemas::UserId;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr int64_t kAnn = 1, kBob = 2, kCid = 3;
constexpr Timestamp kNoon = TimestampFromMillis(1'767'268'800'000);

// Answers with a page of one post, whose number says how often pages were computed.
class Stores final : public PageSource {
 public:
  absl::StatusOr<cache::FeedVersion> VersionOf(int64_t user) override {
    if (down) return absl::UnavailableError("no stores");
    return versions[user];
  }
  absl::StatusOr<std::optional<CachedPage>> WarmedPage(int64_t) override {
    if (down) return absl::UnavailableError("no stores");
    return warmed;
  }
  absl::StatusOr<FeedPage> Compute(const FeedPageRequest& request, Timestamp now) override {
    if (request.limit < 1) return absl::InvalidArgumentError("limit");
    if (down) return absl::UnavailableError("no stores");
    const int number = ++computed;
    if (meanwhile) meanwhile(request);
    return PageOf(number, now);
  }
  absl::StatusOr<FeedPage> HotPage(const FeedPageRequest&, Timestamp now) override {
    if (hot_down) return absl::UnavailableError("no board");
    return PageOf(900, now);
  }
  FeedPage PageOf(int64_t post, Timestamp now) const {
    return {.at = now, .items = {{.post = post}}, .valid_until = now + valid_for};
  }

  std::atomic<int> computed = 0;
  bool down = false;
  bool hot_down = false;
  Duration valid_for = minutes(10);
  std::map<int64_t, cache::FeedVersion> versions;
  std::optional<CachedPage> warmed;
  std::function<void(const FeedPageRequest&)> meanwhile;
};

class BrokenCache final : public PageCache {
 public:
  absl::StatusOr<std::optional<CachedPage>> Get(const std::string&) override {
    return absl::UnavailableError("no cache");
  }
  absl::Status Put(const std::string&, const CachedPage&) override {
    return absl::UnavailableError("no cache");
  }
};

class FeedPagesTest : public testing::Test {
 protected:
  FeedPages Over(PageCache* cache = nullptr) {
    auto stores = std::make_unique<Stores>();
    stores_ = stores.get();
    return FeedPages(std::move(stores), &metrics_, {.clock = &clock_, .cache = cache});
  }
  int64_t Count(const std::string& name, const MetricLabels& more = {}) {
    MetricLabels labels = {{"topology", "feed-cache"}};
    labels.insert(more.begin(), more.end());
    return metrics_.counter(name, labels)->value();
  }
  int64_t Served(const std::string& path) { return Count("feed_page_total", {{"path", path}}); }
  int64_t Missed(const std::string& reason) {
    return Count("feed_cache_miss_total", {{"reason", reason}});
  }
  static testing::Matcher<std::string> HasPost(int post) {
    return HasSubstr("\"post_id\":" + std::to_string(post) + ",");
  }

  ManualClock clock_{kNoon};
  MetricsRegistry metrics_;
  Stores* stores_ = nullptr;
};

TEST_F(FeedPagesTest, APageIsComputedOnceAndThenFoundUntilItExpires) {
  FeedPages pages = Over();
  const ServedPage first = pages.Read({.user = kAnn}).value();
  EXPECT_EQ(first.path, PagePath::kComputed);
  EXPECT_THAT(first.json, HasPost(1));
  clock_.Advance(cache::kPageLives - Duration(1));
  const ServedPage again = pages.Read({.user = kAnn}).value();
  EXPECT_EQ(again.path, PagePath::kCache);
  EXPECT_EQ(again.json, first.json);
  EXPECT_EQ(again.written_at, kNoon);
  clock_.Advance(Duration(1));
  EXPECT_THAT(pages.Read({.user = kAnn}).value().json, HasPost(2));
  EXPECT_EQ(Count("feed_cache_hit_total"), 1);
  EXPECT_EQ(Missed("absent"), 1);
  EXPECT_EQ(Missed("expired"), 1);
  EXPECT_EQ(Served("computed"), 2);
  EXPECT_EQ(Served("cache"), 1);
  const Histogram* age = metrics_.histogram("feed_stale_seconds", {{"topology", "feed-cache"}});
  EXPECT_EQ(age->count(), 1);
  EXPECT_NEAR(age->sum(), 59.999, 1e-6);
}

TEST_F(FeedPagesTest, APageLivesNoLongerThanItsOrder) {
  FeedPages pages = Over();
  stores_->valid_for = seconds(7);
  ASSERT_TRUE(pages.Read({.user = kAnn}).ok());
  clock_.Advance(seconds(7));
  EXPECT_EQ(pages.Read({.user = kAnn}).value().path, PagePath::kComputed);
}

TEST_F(FeedPagesTest, PagesOfOthersAndOtherPlacesAreOthers) {
  FeedPages pages = Over();
  EXPECT_THAT(pages.Read({.user = kAnn}).value().json, HasPost(1));
  EXPECT_THAT(pages.Read({.user = kBob}).value().json, HasPost(2));
  EXPECT_THAT(pages.Read({.user = kAnn, .offset = 20}).value().json, HasPost(3));
  EXPECT_THAT(pages.Read({.user = kAnn, .limit = 10}).value().json, HasPost(4));
  EXPECT_THAT(pages.Read({.user = kAnn}).value().json, HasPost(1));
}

TEST_F(FeedPagesTest, PagesBehindACursorAndTheOtherOrderAreNotCached) {
  FeedPages pages = Over();
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(pages.Read({.user = kAnn, .cursor = "1"}).ok());
    ASSERT_TRUE(pages.Read({.user = kAnn, .order = FeedOrder::kFollowedFirst}).ok());
  }
  EXPECT_EQ(Served("computed"), 4);
  EXPECT_EQ(Missed("absent"), 0);
}

TEST_F(FeedPagesTest, ReadersOfTheSamePageAtTheSameTimeComputeItOnce) {
  FeedPages pages = Over();
  std::latch computing(1);
  stores_->meanwhile = [&](const FeedPageRequest&) {
    computing.count_down();
    while (pages.waiting() == 0) std::this_thread::yield();
  };
  std::optional<ServedPage> first, second;
  std::thread reader([&] { first = pages.Read({.user = kAnn}).value(); });
  computing.wait();
  second = pages.Read({.user = kAnn}).value();
  reader.join();
  EXPECT_EQ(stores_->computed, 1);
  EXPECT_FALSE(first->shared);
  EXPECT_TRUE(second->shared);
  EXPECT_EQ(first->json, second->json);
  EXPECT_EQ(Served("computed"), 1);
  EXPECT_EQ(Served("shared"), 1);
  EXPECT_EQ(pages.waiting(), 0);
}

TEST_F(FeedPagesTest, AReaderOfAnotherPageDoesNotWait) {
  FeedPages pages = Over();
  stores_->meanwhile = [&](const FeedPageRequest& request) {
    if (request.user != kAnn) return;
    std::thread([&] { EXPECT_TRUE(pages.Read({.user = kBob}).ok()); }).join();
  };
  EXPECT_TRUE(pages.Read({.user = kAnn}).ok());
  EXPECT_EQ(stores_->computed, 2);
}

TEST_F(FeedPagesTest, AToldChangeOutdatesThePage) {
  FeedPages pages = Over();
  ASSERT_TRUE(pages.Read({.user = kAnn}).ok());
  ASSERT_TRUE(pages.Read({.user = kBob}).ok());
  stores_->versions[kAnn].told_at = kNoon + seconds(2);
  EXPECT_THAT(pages.Read({.user = kAnn}).value().json, HasPost(3));
  EXPECT_THAT(pages.Read({.user = kAnn}).value().json, HasPost(3));  // it knows of the change
  EXPECT_THAT(pages.Read({.user = kBob}).value().json, HasPost(2));
  EXPECT_EQ(Missed("changed"), 1);
}

TEST_F(FeedPagesTest, AChangeThatIsNotToldYetOutdatesEveryPage) {
  FeedPages pages = Over();
  ASSERT_TRUE(pages.Read({.user = kAnn}).ok());
  stores_->versions[kAnn].has_news = true;
  EXPECT_THAT(pages.Read({.user = kAnn}).value().json, HasPost(2));
  EXPECT_THAT(pages.Read({.user = kAnn}).value().json, HasPost(3));
}

TEST_F(FeedPagesTest, AChangeWhileThePageIsComputedOutdatesIt) {
  FeedPages pages = Over();
  stores_->meanwhile = [&](const FeedPageRequest&) {
    stores_->versions[kAnn].told_at = kNoon - seconds(1);  // clocks are no help against it
  };
  ASSERT_TRUE(pages.Read({.user = kAnn}).ok());
  EXPECT_THAT(pages.Read({.user = kAnn}).value().json, HasPost(2));
}

TEST_F(FeedPagesTest, APageThatWasWrittenAheadOfTimeIsFound) {
  FeedPages pages = Over();
  stores_->warmed = CachedPage{.written_at = kNoon,
                               .expires = kNoon + seconds(30),
                               .json = PageJson(stores_->PageOf(77, kNoon))};
  EXPECT_THAT(pages.Read({.user = kAnn}).value().json, HasPost(77));
  EXPECT_THAT(pages.Read({.user = kAnn, .limit = 10}).value().json, HasPost(1));
  clock_.Advance(seconds(30));
  EXPECT_THAT(pages.Read({.user = kAnn}).value().json, HasPost(2));
  EXPECT_EQ(Count("feed_cache_hit_total"), 1);
}

// F8: without Redis the cache is passed over.
TEST_F(FeedPagesTest, WithoutACachePagesAreComputed) {
  BrokenCache cache;
  FeedPages pages = Over(&cache);
  for (int i = 1; i <= 3; ++i) EXPECT_THAT(pages.Read({.user = kAnn}).value().json, HasPost(i));
  EXPECT_EQ(Missed("unavailable"), 3);
  EXPECT_EQ(Served("computed"), 3);
}

// F8: without the feed service there is something else to read.
TEST_F(FeedPagesTest, WithoutStoresAPageThatIsNotRightAnyMoreIsServed) {
  FeedPages pages = Over();
  ASSERT_TRUE(pages.Read({.user = kAnn}).ok());
  stores_->down = true;
  clock_.Advance(minutes(2));
  const ServedPage stale = pages.Read({.user = kAnn}).value();
  EXPECT_EQ(stale.path, PagePath::kStale);
  EXPECT_EQ(stale.written_at, kNoon);
  EXPECT_THAT(stale.json, HasPost(1));
  EXPECT_EQ(Served("stale"), 1);
  const Histogram* age = metrics_.histogram("feed_stale_seconds", {{"topology", "feed-cache"}});
  EXPECT_NEAR(age->sum(), 120, 1e-6);
  stores_->down = false;
  EXPECT_EQ(pages.Read({.user = kAnn}).value().path, PagePath::kComputed);
}

TEST_F(FeedPagesTest, WithoutStoresAndPageTheHotPostsAreServed) {
  FeedPages pages = Over();
  ASSERT_TRUE(pages.Read({.user = kAnn}).ok());
  stores_->down = true;
  clock_.Advance(MemoryPageCache::kKept + Duration(1));  // too old to be of use
  const ServedPage hot = pages.Read({.user = kAnn}).value();
  EXPECT_EQ(hot.path, PagePath::kHot);
  EXPECT_THAT(hot.json, HasPost(900));
  EXPECT_EQ(Served("hot"), 1);
  // It is nobody's feed, so it is not kept as one.
  stores_->down = false;
  EXPECT_EQ(pages.Read({.user = kAnn}).value().path, PagePath::kComputed);
  // In the middle of a list another one is of no use.
  stores_->down = true;
  EXPECT_TRUE(absl::IsUnavailable(pages.Read({.user = kAnn, .cursor = "1"}).status()));
}

TEST_F(FeedPagesTest, WithoutAnythingTheErrorOfTheStoresIsGiven) {
  FeedPages pages = Over();
  stores_->down = stores_->hot_down = true;
  const auto page = pages.Read({.user = kAnn});
  EXPECT_TRUE(absl::IsUnavailable(page.status()));
  EXPECT_EQ(page.status().message(), "no stores");
  EXPECT_EQ(Served("none"), 1);
}

TEST_F(FeedPagesTest, ARequestThatIsNoneIsRefused) {
  FeedPages pages = Over();
  EXPECT_TRUE(absl::IsInvalidArgument(pages.Read({.user = kAnn, .limit = 0}).status()));
  EXPECT_EQ(Served("hot"), 0);
}

TEST(MemoryPageCache, KeepsTheNewestPages) {
  MemoryPageCache cache(2);
  const auto put = [&cache](const std::string& key, Timestamp at) {
    ASSERT_TRUE(cache.Put(key, {.written_at = at, .json = key}).ok());
  };
  put("a", kNoon);
  put("b", kNoon);
  put("a", kNoon + seconds(1));
  put("c", kNoon + seconds(2));  // b is now the oldest
  EXPECT_FALSE(cache.Get("b").value().has_value());
  EXPECT_EQ(cache.Get("a").value()->written_at, kNoon + seconds(1));
  EXPECT_TRUE(cache.Get("c").value().has_value());
  put("d", kNoon + seconds(2) + MemoryPageCache::kKept);
  EXPECT_EQ(cache.size(), 2u);
  put("d", kNoon + seconds(3) + MemoryPageCache::kKept);
  EXPECT_EQ(cache.size(), 1u);
}

TEST(WrittenPage, ComesBackFromItsBytes) {
  const cache::WrittenPage page{.page = {.version = kNoTimestamp,
                                         .written_at = kNoon,
                                         .expires = kNoon + seconds(60),
                                         .json = "{}"},
                                .content = std::string("\0x", 2)};
  std::string bytes;
  Serde<cache::WrittenPage>::Encode(page, &bytes);
  cache::WrittenPage read;
  ASSERT_TRUE(Serde<cache::WrittenPage>::Decode(bytes, &read).ok());
  EXPECT_EQ(read.page.version, kNoTimestamp);
  EXPECT_EQ(read.page.written_at, kNoon);
  EXPECT_EQ(read.page.expires, kNoon + seconds(60));
  EXPECT_EQ(read.page.json, "{}");
  EXPECT_EQ(read.content, page.content);
  EXPECT_FALSE(Serde<cache::WrittenPage>::Decode(bytes.substr(0, 33), &read).ok());
}

// On an engine: an entry that comes into the feed outdates the page with its commit, before the
// change is told, and again when it is.
TEST(FeedPagesOfAnEngine, AreOutdatedByWhatHappensThere) {
  ManualClock clock(kNoon);
  EngineRun run(BuildFeedCache().value(), &clock);
  const auto add_entry = [&run](int64_t post) {
    const FeedEntry entry{.user = kAnn, .post = post, .author = kBob, .created_at = kNoon};
    run.Put(topics::kFeedEntries, FeedKey{kAnn, post}, std::optional(entry), kNoon,
            PartitionOf(UserId{kAnn}, EngineRun::kPartitions));
    run.Settle();
  };
  const std::unique_ptr<PageSource> source = PageSourceOf(run.engine());
  const auto await_round = [&] {
    clock.Advance(cache::kRound);
    while (source->VersionOf(kAnn).value().has_news) std::this_thread::yield();
  };
  FeedPages pages(run.engine(), {.clock = &clock});
  for (const int64_t post : {10, 11}) {
    const std::string shown = "\"post_id\":" + std::to_string(post) + ",";
    add_entry(post);
    EXPECT_EQ(pages.Read({.user = kAnn}).value().path, PagePath::kComputed);
    EXPECT_THAT(pages.Read({.user = kAnn}).value().json, HasSubstr(shown));
    await_round();
    EXPECT_EQ(pages.Read({.user = kAnn}).value().path, PagePath::kComputed);
    const ServedPage cached = pages.Read({.user = kAnn}).value();
    EXPECT_EQ(cached.path, PagePath::kCache);
    EXPECT_THAT(cached.json, HasSubstr(shown));
  }
  EXPECT_THAT(run.engine()->metrics()->PrometheusText(),
              HasSubstr("feed_cache_hit_total{topology=\"feed-cache\"} 2\n"));
}

TEST(FeedPagesOfAnEngine, OfActiveUsersAreThereBeforeAnybodyReads) {
  ManualClock clock(kNoon);
  EngineRun run(BuildFeedCache().value(), &clock);
  const FeedEntry entry{.user = kAnn, .post = 10, .author = kBob, .created_at = kNoon};
  run.Put(topics::kFeedEntries, FeedKey{kAnn, 10}, std::optional(entry), kNoon,
          PartitionOf(UserId{kAnn}, EngineRun::kPartitions));
  run.Put(topics::kActiveUsers, std::string("1h"),
          std::optional(schemas::UserList{.at = kNoon, .users = {{.user = kAnn, .count = 1}}}),
          kNoon);
  run.Settle();
  const std::unique_ptr<PageSource> source = PageSourceOf(run.engine());
  clock.Advance(cache::kRound);
  while (!source->WarmedPage(kAnn).value().has_value()) std::this_thread::yield();
  FeedPages pages(run.engine(), {.clock = &clock});
  const ServedPage page = pages.Read({.user = kAnn}).value();
  EXPECT_EQ(page.path, PagePath::kCache);
  EXPECT_THAT(page.json, HasSubstr("\"post_id\":10,"));
}

// Posts of the hot board, for whom nothing else can be had: public ones of others.
TEST(FeedPagesOfAnEngine, CanBeTheHotBoard) {
  EngineRun run(BuildFeedCache().value());
  const auto add_post = [&run](const schemas::Post& post) {
    run.Put(
        topics::kNormalPosts, schemas::PostId{post.id},
        std::optional(debezium::Change<schemas::Post>{.op = debezium::Op::kCreate, .after = post}),
        kNoon);
  };
  add_post({.id = 20, .author = kBob, .created_at = kNoon});
  add_post({.id = 21, .author = kAnn, .created_at = kNoon});
  add_post({.id = 22,
            .author = kBob,
            .visibility = schemas::Visibility::kFollowers,
            .created_at = kNoon});
  add_post({.id = 23, .author = kCid, .created_at = kNoon});
  schemas::HotBoard board{.time = kNoon};
  for (const int64_t post : {23, 22, 21, 20, 99}) board.posts.push_back({.post = post});
  run.Put(topics::kHotPostsOfDay, schemas::HotBoardKey{kNoon}, std::optional(board), kNoon);
  run.Settle();
  const std::unique_ptr<PageSource> source = PageSourceOf(run.engine());
  const FeedPage hot = source->HotPage({.user = kAnn}, kNoon).value();
  ASSERT_EQ(hot.items.size(), 2u);
  EXPECT_EQ(hot.items[0].post, 23);
  EXPECT_EQ(hot.items[1].post, 20);
  EXPECT_EQ(hot.items[0].label, FeedLabel::kTrending);
  const FeedPage second = source->HotPage({.user = kAnn, .offset = 1}, kNoon).value();
  ASSERT_EQ(second.items.size(), 1u);
  EXPECT_EQ(second.items[0].post, 20);
}

}  // namespace
}  // namespace millrace::topologies
