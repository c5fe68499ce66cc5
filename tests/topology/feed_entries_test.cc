// What entries of feeds say: how they came, whether they were read; who is told of new posts; and
// which rows are in a feed when there are more than it holds.
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/topology/feeds_of.h"
#include "tests/topology/social_changes.h"
#include "topologies/feed-fan-out/feed_fan_out.h"

namespace millrace::topologies {
namespace {

using schemas::FeedEntry;
using schemas::FeedKey;
using schemas::FeedRead;
using schemas::FeedSource;
using schemas::Follow;
using schemas::FollowKey;
using schemas::NotificationRequest;
using schemas::Post;
using schemas::PostKey;
using schemas::UserErased;
using schemas::UserId;
using schemas::Visibility;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr int64_t kAnn = 1, kBob = 2, kCid = 3, kDan = 4;

constexpr Timestamp Hours(int64_t hours) { return Ms(hours * 3'600'000); }

class FeedEntries : public testing::Test {
 protected:
  void Read(int64_t user, int64_t post, Timestamp at) {
    driver_.Pipe(topics::kFeedReads, UserId{user}, FeedRead{user, post, at}, at);
  }
  // The entry, or the removal, that was written last; nullopt: none since the last call.
  std::optional<FeedEntry> LastEntry() {
    const auto records = driver_.Drain(topics::kFeedEntries);
    return records.empty() ? std::nullopt : records.back().value;
  }
  std::vector<NotificationRequest> Requests() {
    std::vector<NotificationRequest> requests;
    for (const auto& record : driver_.Drain(topics::kNotificationRequests)) {
      EXPECT_EQ(record.key->value, record.value->user);
      requests.push_back(*record.value);
    }
    return requests;
  }
  double Counter(const std::string& name) {
    double sum = 0;
    for (const MetricSample& sample : driver_.metrics()->Snapshot()) {
      if (sample.name == name) sum += sample.value;
    }
    return sum;
  }

  TopologyDriver driver_{BuildFeedFanOut().value(), {.start = Hours(100'000)}};
  SocialDatabase db_{&driver_};
  FeedReader feeds_{&driver_};
};

TEST_F(FeedEntries, SayWhetherThePostOrTheFollowCameFirst) {
  db_.Put(Post{.id = 7, .author = kAnn, .created_at = Hours(10)}, Hours(10));
  db_.Put(Follow{kBob, kAnn, Hours(11)}, Hours(11));
  EXPECT_EQ(LastEntry()->source, FeedSource::kBackfill);
  db_.Put(Post{.id = 8, .author = kAnn, .created_at = Hours(12)}, Hours(12));
  EXPECT_EQ(LastEntry()->source, FeedSource::kPush);
  // Which of them reaches us first says nothing.
  db_.Put(Follow{kCid, kAnn, Hours(11)}, Hours(13));
  for (const auto& record : driver_.Drain(topics::kFeedEntries)) {
    EXPECT_EQ(record.value->source,
              record.value->post == 7 ? FeedSource::kBackfill : FeedSource::kPush);
  }
}

TEST_F(FeedEntries, OfThreeDaysBeforeAFollowComeWithIt) {
  db_.Put(Post{.id = 7, .author = kAnn, .created_at = Hours(10)}, Hours(10));
  db_.Put(Post{.id = 8, .author = kAnn, .created_at = Hours(10) + Duration(1)}, Hours(11));
  db_.Put(Follow{kBob, kAnn, Hours(82) + Duration(1)}, Hours(83));
  EXPECT_THAT(feeds_.Read(), UnorderedElementsAre(Pair(kBob, 8)));
  // Late, and outside of the three days.
  db_.Put(Post{.id = 6, .author = kAnn, .created_at = Hours(9)}, Hours(84));
  EXPECT_THAT(feeds_.Read(), UnorderedElementsAre(Pair(kBob, 8)));
}

TEST_F(FeedEntries, AreReadOnceAndForAllAtTheEarliestTime) {
  db_.Put(Follow{kBob, kAnn, Hours(1)}, Hours(1));
  const Post post{.id = 7, .author = kAnn, .created_at = Hours(10)};
  db_.Put(post, Hours(10));
  EXPECT_FALSE(LastEntry()->is_read);
  Read(kBob, 7, Hours(12));
  EXPECT_EQ(*LastEntry(), (FeedEntry{.user = kBob,
                                     .post = 7,
                                     .author = kAnn,
                                     .created_at = Hours(10),
                                     .is_read = true,
                                     .read_at = Hours(12)}));
  Read(kBob, 7, Hours(13));
  EXPECT_EQ(LastEntry(), std::nullopt);
  Read(kBob, 7, Hours(11));
  EXPECT_EQ(LastEntry()->read_at, Hours(11));
  db_.Put(post, Hours(14), Op::kSnapshot);
  EXPECT_EQ(LastEntry(), std::nullopt);  // and so it stays read
}

TEST_F(FeedEntries, AreReadAtTheLogsTimeIfTheReadersClockIsAhead) {
  db_.Put(Follow{kBob, kAnn, Hours(1)}, Hours(1));
  db_.Put(Post{.id = 7, .author = kAnn, .created_at = Hours(10)}, Hours(10));
  driver_.Pipe(topics::kFeedReads, UserId{kBob}, FeedRead{kBob, 7, Hours(14)}, Hours(12));
  EXPECT_EQ(LastEntry()->read_at, Hours(12));
  EXPECT_EQ(Counter("event_clock_ahead_total"), 1);
}

// In a replay, reads overtake what they are about.
TEST_F(FeedEntries, AreReadThoughTheReadCameFirst) {
  db_.Put(Follow{kBob, kAnn, Hours(1)}, Hours(1));
  Read(kBob, 7, Hours(12));
  Read(kBob, 7, Hours(11));
  EXPECT_EQ(LastEntry(), std::nullopt);
  EXPECT_EQ(Counter("fanout_unknown_reads_total"), 2);
  db_.Put(Post{.id = 7, .author = kAnn, .created_at = Hours(10)}, Hours(10));
  EXPECT_EQ(LastEntry()->read_at, Hours(11));
}

TEST_F(FeedEntries, AreStillReadWhenTheyComeBack) {
  db_.Put(Follow{kBob, kAnn, Hours(1)}, Hours(1));
  db_.Put(Post{.id = 7, .author = kAnn, .created_at = Hours(10)}, Hours(10));
  Read(kBob, 7, Hours(12));
  db_.Remove(FollowKey{kBob, kAnn}, Hours(13));
  EXPECT_EQ(LastEntry(), std::nullopt);  // a tombstone
  db_.Put(Follow{kBob, kAnn, Hours(14)}, Hours(14));
  EXPECT_EQ(LastEntry()->read_at, Hours(12));
}

TEST_F(FeedEntries, ThatAreNotThereAreNotRememberedForEver) {
  for (int64_t post = 1; post <= 1003; ++post) Read(kBob, post, Hours(12));
  const auto marks = driver_.ReadStore<feed::ReadPost, feed::ReadAt>("read-marks");
  ASSERT_EQ(marks.size(), 1000);
  EXPECT_EQ(marks[0].key.post, 4);
}

TEST_F(FeedEntries, RefuseAReadFromTheFuture) {
  driver_.Pipe(topics::kFeedReads, UserId{kBob}, FeedRead{kBob, 7, Hours(100)}, Hours(75));
  const auto letters = driver_.DrainBytes("feed.read.v1-dlq");
  ASSERT_EQ(letters.size(), 1);
  EXPECT_EQ(letters[0].headers.Last("dlq.class")->value, "RANGE");
}

TEST_F(FeedEntries, AreAnnouncedWhenTheyAreNew) {
  db_.Put(Follow{kBob, kAnn, Hours(1)}, Hours(1));
  db_.Put(Post{.id = 7, .author = kAnn, .created_at = Hours(10)}, Hours(10));
  EXPECT_THAT(Requests(), ElementsAre(NotificationRequest{
                              .user = kBob, .actor = kAnn, .subject = 7, .created_at = Hours(10)}));
  // Neither rows of a snapshot...
  db_.Put(Post{.id = 8, .author = kAnn, .created_at = Hours(11)}, Hours(11), Op::kSnapshot);
  // ...nor what a follow brings, nor what is older than the follow.
  db_.Put(Follow{kCid, kAnn, Hours(12)}, Hours(12));
  db_.Put(Post{.id = 9, .author = kAnn, .created_at = Hours(11)}, Hours(13));
  EXPECT_EQ(feeds_.Read().size(), 6);
  EXPECT_THAT(Requests(), ElementsAre(NotificationRequest{
                              .user = kBob, .actor = kAnn, .subject = 9, .created_at = Hours(11)}));
}

TEST_F(FeedEntries, AreAnnouncedOnceThoughThePostComesBack) {
  db_.Put(Follow{kBob, kAnn, Hours(1)}, Hours(1));
  Post post{.id = 7, .author = kAnn, .visibility = Visibility::kPrivate, .created_at = Hours(10)};
  db_.Put(post, Hours(10));
  EXPECT_THAT(Requests(), IsEmpty());
  post.visibility = Visibility::kPublic;
  db_.Put(post, Hours(11), Op::kUpdate);
  EXPECT_EQ(Requests().size(), 1);
  for (const Visibility visibility : {Visibility::kPrivate, Visibility::kFollowers}) {
    post.visibility = visibility;
    db_.Put(post, Hours(12), Op::kUpdate);
  }
  EXPECT_THAT(feeds_.Read(), UnorderedElementsAre(Pair(kBob, 7)));
  EXPECT_THAT(Requests(), IsEmpty());
}

TEST_F(FeedEntries, OfAFullFeedAreTheNewest) {
  db_.Put(Follow{kBob, kAnn, Hours(1)}, Hours(1));
  for (int64_t post = 1; post <= 803; ++post) {
    db_.Put(Post{.id = post, .author = kAnn, .created_at = Hours(2)}, Hours(2));
  }
  EXPECT_EQ(feeds_.Read().size(), 800);
  EXPECT_EQ(feeds_.Read().begin()->second, 4);
  db_.Remove(PostKey{500}, Hours(3));
  EXPECT_EQ(feeds_.Read().size(), 800);
  EXPECT_EQ(feeds_.Read().begin()->second, 3);  // it moved up
  // One that is older than all of them.
  db_.Put(Post{.id = 900, .author = kAnn, .created_at = Hours(1)}, Hours(4));
  EXPECT_FALSE(feeds_.Read().contains({kBob, 900}));
}

TEST_F(FeedEntries, ThatHadBeenForgottenComeBackWhenThereIsRoom) {
  db_.Put(Follow{kBob, kDan, Hours(1)}, Hours(1));
  for (int64_t post = 1; post <= 120; ++post) {
    db_.Put(Post{.id = post, .author = kDan, .created_at = Hours(1 + post)}, Hours(200));
  }
  db_.Put(Follow{kBob, kAnn, Hours(1)}, Hours(1));
  for (int64_t post = 1001; post <= 2005; ++post) {
    db_.Put(Post{.id = post, .author = kAnn, .created_at = Hours(post)}, Hours(post));
  }
  EXPECT_EQ(feeds_.Read().size(), 800);
  EXPECT_LE(FeedsInStore(&driver_).size(), 1000);
  EXPECT_EQ(feeds_.Read().begin()->second, 2005 - 799);
  db_.Remove(FollowKey{kBob, kAnn}, Hours(3000));
  EXPECT_EQ(feeds_.Read().size(), 120);
  EXPECT_GE(Counter("fanout_refills_total"), 1);
}

TEST_F(FeedEntries, OfAnErasedUserGoAndSoDoesTheirFeed) {
  db_.Put(Follow{kBob, kAnn, Hours(1)}, Hours(1));
  db_.Put(Follow{kAnn, kBob, Hours(1)}, Hours(1));
  db_.Put(Post{.id = 7, .author = kAnn, .created_at = Hours(10)}, Hours(10));
  db_.Put(Post{.id = 8, .author = kBob, .created_at = Hours(10)}, Hours(10));
  EXPECT_EQ(feeds_.Read().size(), 2);
  driver_.Pipe(topics::kUserErased, UserId{kAnn}, UserErased{kAnn, "r1", Hours(20)}, Hours(20));
  EXPECT_THAT(feeds_.Read(), IsEmpty());
  EXPECT_THAT(FeedsInStore(&driver_), IsEmpty());
  EXPECT_THAT((driver_.ReadStore<int64_t, feed::FeedBounds>("feed-bounds")), IsEmpty());
  EXPECT_EQ((driver_.ReadStore<feed::AuthorPost, feed::TimelineRow>("timeline")).size(), 1);
}

TEST_F(FeedEntries, OfAnErasedUserLeaveNoMarks) {
  db_.Put(Follow{kBob, kAnn, Hours(1)}, Hours(1));
  db_.Put(Post{.id = 7, .author = kAnn, .created_at = Hours(10)}, Hours(10));
  Read(kBob, 7, Hours(12));
  Read(kBob, 8, Hours(12));
  driver_.Drain(topics::kErasureDone);
  driver_.Pipe(topics::kUserErased, UserId{kBob}, UserErased{kBob, "r1", Hours(20)}, Hours(20));
  EXPECT_THAT((driver_.ReadStore<feed::ReadPost, feed::ReadAt>("read-marks")), IsEmpty());
  EXPECT_THAT((driver_.ReadStore<int64_t, feed::FeedBounds>("feed-bounds")), IsEmpty());
  std::map<std::string, int64_t> done;
  for (const auto& record : driver_.Drain(topics::kErasureDone)) {
    EXPECT_EQ(record.value->request, "r1");
    done[record.value->store] = record.value->rows;
  }
  EXPECT_THAT(done, ElementsAre(Pair("follows-rows", 1), Pair("read-marks", 2)));
  Read(kBob, 9, Hours(21));
  EXPECT_EQ(Counter("erased_late_total"), 1);
  EXPECT_THAT((driver_.ReadStore<feed::ReadPost, feed::ReadAt>("read-marks")), IsEmpty());
}

}  // namespace
}  // namespace millrace::topologies
