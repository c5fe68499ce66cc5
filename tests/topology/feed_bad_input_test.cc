// The bad-input table of feed-fan-out's README, and real records of a connector.
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/topology/feeds_of.h"
#include "tests/topology/social_changes.h"
#include "topologies/feed-fan-out/feed_fan_out.h"
#include "unit/debezium/captures.h"

namespace millrace::topologies {
namespace {

using schemas::Follow;
using schemas::Post;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

// Behind the times of the recorded rows.
constexpr Timestamp kCaptured = TimestampFromMillis(1'800'000'000'000);

class FeedFanOutBadInput : public ::testing::Test {
 protected:
  // What became a dead letter of `topic`; exactly one record must have.
  OwnedRecord<std::string, std::string> DeadLetter(const std::string& topic) {
    auto letters = driver_.DrainBytes(topic + "-dlq");
    EXPECT_THAT(letters, SizeIs(1));
    return letters.empty() ? OwnedRecord<std::string, std::string>() : letters[0];
  }

  TopologyDriver driver_{BuildFeedFanOut().value(), {.partitions = 4}};
  SocialDatabase db_{&driver_};
  FeedReader feeds_{&driver_};
};

TEST_F(FeedFanOutBadInput, MalformedJsonIsADeadLetterWithItsBytesAndHeaders) {
  db_.Put(Follow{2, 1, Ms(1)}, Ms(1));
  const std::string value = "{\"before\":null,\"after\":{\"id\":7,";
  const Headers headers{{"__debezium.context.connectorName", "postgresql"},
                        {"trace", std::nullopt}};
  driver_.PipeBytes("cdc.posts", "{\"id\":7}", value, Ms(5), headers);
  const auto letter = DeadLetter("cdc.posts");
  EXPECT_EQ(letter.key, "{\"id\":7}");
  EXPECT_EQ(letter.value, value);
  EXPECT_EQ(letter.timestamp, Ms(5));
  for (const Headers::Entry& entry : headers) {
    const Headers::Entry* kept = letter.headers.Last(entry.name);
    ASSERT_NE(kept, nullptr) << entry.name;
    EXPECT_EQ(*kept, entry);
  }
  EXPECT_GT(letter.headers.size(), headers.size());  // why and where

  db_.Put(Post{.id = 8, .author = 1, .created_at = Ms(6)}, Ms(6));
  EXPECT_THAT(feeds_.Read(), UnorderedElementsAre(Pair(2, 8)));
  EXPECT_TRUE(driver_.status().ok());
}

TEST_F(FeedFanOutBadInput, AMalformedKeyIsADeadLetter) {
  driver_.PipeBytes("cdc.follows", "{\"follower_id\":\"two\"}", std::nullopt, Ms(5));
  EXPECT_EQ(DeadLetter("cdc.follows").key, "{\"follower_id\":\"two\"}");
}

TEST_F(FeedFanOutBadInput, AChangeWithoutAKeyIsADeadLetter) {
  driver_.Pipe(topics::kPosts, std::nullopt,
               Upsert(Op::kCreate, Post{.id = 7, .author = 1, .created_at = Ms(6)}, Ms(6)), Ms(6));
  EXPECT_EQ(DeadLetter("cdc.posts").key, std::nullopt);
}

TEST_F(FeedFanOutBadInput, ATruncatedTableIsADeadLetter) {
  driver_.Pipe(topics::kFollows, std::nullopt, Change<Follow>{.op = Op::kTruncate}, Ms(6));
  DeadLetter("cdc.follows");
}

TEST_F(FeedFanOutBadInput, AnUnknownVisibilityIsADeadLetter) {
  driver_.PipeBytes("cdc.posts", "{\"id\":7}",
                    R"({"before":null,"after":{"id":7,"author_id":1,"visibility":"friends",)"
                    R"("created_at":"2026-01-02T03:04:05.123456Z"},"op":"c","ts_ms":1})",
                    Ms(5));
  EXPECT_EQ(DeadLetter("cdc.posts").headers.Last("dlq.class")->value, "SCHEMA");
}

TEST_F(FeedFanOutBadInput, AFollowOfOneselfIsADeadLetter) {
  db_.Put(Follow{2, 2, Ms(1)}, Ms(1));
  EXPECT_EQ(DeadLetter("cdc.follows").headers.Last("dlq.class")->value, "POLICY");
  db_.Put(Post{.id = 7, .author = 2, .created_at = Ms(6)}, Ms(6));
  EXPECT_THAT(feeds_.Read(), IsEmpty());
}

TEST_F(FeedFanOutBadInput, APostWithoutItsAuthorIsADeadLetter) {
  driver_.PipeBytes("cdc.posts", "{\"id\":7}",
                    R"({"before":null,"after":{"id":7,"visibility":"public",)"
                    R"("created_at":"2026-01-02T03:04:05.123456Z"},"op":"c","ts_ms":1})",
                    kCaptured);
  EXPECT_EQ(DeadLetter("cdc.posts").headers.Last("dlq.class")->value, "SCHEMA");
}

TEST_F(FeedFanOutBadInput, NullsOfReadsAndRequestsAreIgnored) {
  for (const char* topic : {"feed.read.v1", "fan-out.requests.v1"}) {
    driver_.PipeBytes(topic, "2", std::nullopt, Ms(5));
    EXPECT_THAT(driver_.DrainBytes(std::string(topic) + "-dlq"), IsEmpty());
  }
  EXPECT_TRUE(driver_.status().ok());
}

TEST_F(FeedFanOutBadInput, MessagesOfTheDatabaseAreIgnored) {
  driver_.Pipe(topics::kPosts, std::nullopt, Change<Post>{.op = Op::kMessage}, Ms(6));
  EXPECT_THAT(driver_.DrainBytes("cdc.posts-dlq"), IsEmpty());
}

// Posts 1 (by 10), 200 (by 11, key changed from 2) and 4 (by 12) are left; so are three follows, of
// which two came two months after post 1.
TEST_F(FeedFanOutBadInput, RecordedChangesOfARealConnectorGiveTheFeeds) {
  for (const std::string topic : {"posts", "follows"}) {
    for (const auto& record : millrace::testing::ReadCaptures("cdc", "cdc." + topic)) {
      driver_.PipeBytes(record.topic, record.key, record.value, kCaptured);
    }
  }
  EXPECT_THAT(feeds_.Read(), UnorderedElementsAre(Pair(11, 1)));
  EXPECT_EQ(FeedsInStore(&driver_), feeds_.Read());
  db_.Put(Follow{13, 11, Ms(9)}, Ms(9));
  EXPECT_THAT(feeds_.Read(), UnorderedElementsAre(Pair(11, 1), Pair(13, 200)));
}

TEST_F(FeedFanOutBadInput, TheFlatFormOfTheSameChangesGivesTheSameFeeds) {
  for (const std::string topic : {"follows", "posts"}) {
    for (const auto& record : millrace::testing::ReadCaptures("cdc-flat", "cdcf." + topic)) {
      driver_.PipeBytes("cdc." + topic, record.key, record.value, kCaptured);
    }
  }
  EXPECT_THAT(feeds_.Read(), UnorderedElementsAre(Pair(11, 1)));
}

}  // namespace
}  // namespace millrace::topologies
