// The product's own topics beside feeds and boards: what their bytes are, and what is refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "millrace/partitioner.h"
#include "schemas/topics.h"

namespace millrace::schemas {
namespace {

constexpr Timestamp kTime = TimestampFromMillis(1'767'323'045'123);

template <class T>
void ExpectRoundTrip(const T& value, std::string_view json) {
  std::string bytes;
  Serde<T>::Encode(value, &bytes);
  EXPECT_EQ(bytes, json);
  T decoded;
  const absl::Status status = Serde<T>::Decode(bytes, &decoded);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(decoded, value);
}

TEST(Ids, AreDecimalTextAsOtherProducersWriteIt) {
  ExpectRoundTrip(UserId{12}, "12");
  ExpectRoundTrip(PostId{-7}, "-7");
  ExpectRoundTrip(PostId{0}, "0");
}

TEST(Ids, RefuseWhatWouldLieInAnotherPartition) {
  UserId id;
  for (const char* text : {"", "007", "-0", "+7", "7 ", "9223372036854775808", "x"}) {
    EXPECT_EQ(Serde<UserId>::Decode(text, &id).code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(Ids, AWiderKeyLiesWithItsUser) {
  EXPECT_EQ(PartitionOf(UserId{4711}, 16), PartitionForKey("4711", 16));
}

TEST(ClientEvent, IsJson) {
  ExpectRoundTrip(
      ClientEvent{.id = "e1", .type = ClientEventType::kShare, .user = 12, .post = 4, .at = kTime},
      R"({"event_id":"e1","type":"share","user_id":12,"post_id":4,)"
      R"("target_user_id":null,"at":"2026-01-02T03:04:05.123Z"})");
}

TEST(ClientEvent, OfAnUnknownTypeIsRefusedByName) {
  ClientEvent event;
  const absl::Status status = Serde<ClientEvent>::Decode(
      R"({"event_id":"e","type":"stare","user_id":1,"at":"2026-01-02T03:04:05Z"})", &event);
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("stare"));
}

TEST(UserFollowed, MayComeWithoutATime) {
  UserFollowed event;
  ASSERT_TRUE(Serde<UserFollowed>::Decode(R"({"follower_id":1,"following_id":2})", &event).ok());
  EXPECT_EQ(event.at, std::nullopt);
  EXPECT_EQ(event.followee, 2);
}

TEST(CacheEntry, KeepsItsValueAsItIs) {
  ExpectRoundTrip(
      CacheEntry{.written_at = kTime, .ttl_ms = 60000, .value = R"([{"post_id":1},{"value":{}}])"},
      R"({"written_at":"2026-01-02T03:04:05.123Z","ttl_ms":60000,)"
      R"("value":[{"post_id":1},{"value":{}}]})");
}

TEST(CacheEntry, WithoutAValueIsRefused) {
  CacheEntry entry;
  EXPECT_FALSE(
      Serde<CacheEntry>::Decode(R"({"written_at":"2026-01-02T03:04:05Z","ttl_ms":1})", &entry)
          .ok());
}

TEST(UserList, IsOrdered) {
  ExpectRoundTrip(UserList{.at = kTime,
                           .users = {{.user = 7, .count = 31, .source = "affinity"},
                                     {.user = 3, .count = 30, .source = "popular"}}},
                  R"({"at":"2026-01-02T03:04:05.123Z","users":[)"
                  R"({"user_id":7,"count":31,"source":"affinity"},)"
                  R"({"user_id":3,"count":30,"source":"popular"}]})");
  ExpectRoundTrip(UserList{.at = kTime}, R"({"at":"2026-01-02T03:04:05.123Z","users":[]})");
}

}  // namespace
}  // namespace millrace::schemas
