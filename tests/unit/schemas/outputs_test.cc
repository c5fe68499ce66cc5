// Golden bytes of what our own topics hold: a difference here breaks every reader out there.
#include <string>

#include "gtest/gtest.h"
#include "schemas/feed_entry.h"
#include "schemas/hot_board.h"
#include "schemas/notification_request.h"
#include "schemas/topics.h"

namespace millrace::schemas {
namespace {

constexpr Timestamp kTime = TimestampFromMillis(1'767'323'045'123);

template <class T>
void ExpectGolden(const T& value, std::string_view bytes) {
  std::string encoded;
  Serde<T>::Encode(value, &encoded);
  EXPECT_EQ(encoded, bytes);
  T decoded;
  const absl::Status status = Serde<T>::Decode(bytes, &decoded);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(decoded, value);
}

template <class T>
std::string RefusalOf(std::string_view bytes) {
  T value;
  const absl::Status status = Serde<T>::Decode(bytes, &value);
  EXPECT_FALSE(status.ok()) << bytes;
  return std::string(status.message());
}

HotBoard SomeBoard() {
  return {.time = kTime,
          .posts = {{.post = 4,
                     .score = 0.3412736043,
                     .likes = 40,
                     .comments = 10,
                     .shares = 5,
                     .impressions = 500},
                    {.post = 9'007'199'254'740'993, .score = 1}}};
}

TEST(FeedEntriesV1, HasTheseBytes) {
  EXPECT_EQ(topics::kFeedEntries.name(), "feed.entries.v1");
  ExpectGolden(FeedKey{.user = 12, .post = 9'007'199'254'740'993},
               R"({"user_id":12,"post_id":9007199254740993})");
  ExpectGolden(
      FeedEntry{.user = 12, .post = 4, .author = 10, .created_at = kTime},
      R"({"user_id":12,"post_id":4,"author_id":10,"created_at":"2026-01-02T03:04:05.123Z",)"
      R"("source":"push","is_read":false,"read_at":null})");
  ExpectGolden(
      FeedEntry{.user = 12,
                .post = 4,
                .author = 10,
                .created_at = kTime,
                .source = FeedSource::kBackfill,
                .is_read = true,
                .read_at = kTime},
      R"({"user_id":12,"post_id":4,"author_id":10,"created_at":"2026-01-02T03:04:05.123Z",)"
      R"("source":"backfill","is_read":true,"read_at":"2026-01-02T03:04:05.123Z"})");
}

TEST(FeedEntriesV1, ReadersSkipFieldsOfLaterWriters) {
  FeedEntry entry;
  ASSERT_TRUE(Serde<FeedEntry>::Decode(
                  R"({"mood":"calm","source":"push","is_read":false,"user_id":12,"post_id":4,)"
                  R"("author_id":10,)"
                  R"("created_at":"2026-01-02T03:04:05.123Z"})",
                  &entry)
                  .ok());
  EXPECT_EQ(entry.post, 4);
}

TEST(FeedEntriesV1, RefusesAnEntryWithoutItsAuthor) {
  EXPECT_EQ(RefusalOf<FeedEntry>(R"({"user_id":12,"post_id":4})"),
            "author_id: expected an integer of 64 bits, got nothing");
}

TEST(NotificationRequestsV1, HasTheseBytes) {
  ExpectGolden(NotificationRequest{.user = 12, .actor = 10, .subject = 4, .created_at = kTime},
               R"({"user_id":12,"type":"NEW_POST","actor_id":10,"subject_id":4,)"
               R"("created_at":"2026-01-02T03:04:05.123Z"})");
}

TEST(HotPostsV1, HasTheseBytes) {
  EXPECT_EQ(topics::kHotPosts.name(), "hot.posts.v1");
  ExpectGolden(HotBoardKey{.time = kTime}, R"({"board_time":"2026-01-02T03:04:05.123Z"})");
  ExpectGolden(SomeBoard(),
               R"({"board_time":"2026-01-02T03:04:05.123Z","posts":[)"
               R"({"rank":1,"post_id":4,"score":0.3412736043,"likes":40,"comments":10,)"
               R"("shares":5,"impressions":500},)"
               R"({"rank":2,"post_id":9007199254740993,"score":1,"likes":0,"comments":0,)"
               R"("shares":0,"impressions":0}]})");
  ExpectGolden(HotBoard{.time = kTime}, R"({"board_time":"2026-01-02T03:04:05.123Z","posts":[]})");
}

TEST(HotPostsV1, RefusesWhatIsNoBoard) {
  EXPECT_EQ(RefusalOf<HotBoard>("[]"), "the document: expected an object");
  EXPECT_EQ(RefusalOf<HotBoard>("{").substr(0, 19), "not a JSON document");
  EXPECT_EQ(RefusalOf<HotBoard>(R"({"posts":[]})"),
            "board_time: expected an ISO-8601 time with its zone, got nothing");
  EXPECT_EQ(RefusalOf<HotBoard>(R"({"board_time":"2026-01-02T03:04:05Z","posts":{}})"),
            "posts: expected an array");
  EXPECT_EQ(RefusalOf<HotBoard>(R"({"board_time":"2026-01-02T03:04:05Z","posts":[1]})"),
            "posts: expected an array of objects");
  EXPECT_EQ(RefusalOf<HotBoard>(R"({"board_time":"2026-01-02T03:04:05Z","posts":[{}]})"),
            "posts.post_id: expected an integer of 64 bits, got nothing");
}

}  // namespace
}  // namespace millrace::schemas
