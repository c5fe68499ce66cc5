#include "generator/change_writer.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace millrace::gen {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

RowTime Micros(int64_t micros) { return RowTime(std::chrono::microseconds(micros)); }

// What Debezium 3.6.1 made of this row, up to its own clock.
TEST(ChangeWriter, WritesASnapshotRowAsDebeziumDoes) {
  ChangeWriter writer;
  writer.set_now(Micros(1795235970945576));
  CommentRow row{.id = {.high = 0x0b8f5f3e5f0c4f6b, .low = 0x9a3d2d9a6f1c0001},
                 .post = 1,
                 .author = 11,
                 .body = "nice",
                 .created_at = Micros(1767312003000000)};
  ChangeRecord record;
  writer.Snapshot({.first_row = true, .last_row = true}, row, &record);
  EXPECT_EQ(record.topic, "cdc.comments");
  EXPECT_EQ(record.key, R"({"id":"0b8f5f3e-5f0c-4f6b-9a3d-2d9a6f1c0001"})");
  EXPECT_EQ(ToMillis(record.timestamp), 1795235970945);
  EXPECT_THAT(
      record.value,
      StartsWith(
          R"({"before":null,"after":{"id":"0b8f5f3e-5f0c-4f6b-9a3d-2d9a6f1c0001","post_id":1,)"
          R"("author_id":11,"parent_id":null,"body":"nice","deleted":false,)"
          R"("created_at":"2026-01-02T00:00:03.000000Z"},)"
          R"("source":{"version":"3.6.1.Final","connector":"postgresql","name":"cdc",)"
          R"("ts_ms":1795235970945,"snapshot":"last_in_data_collection","db":"social",)"
          R"("sequence":"[null,\"26586960\"]","ts_us":1795235970945576,)"
          R"("ts_ns":1795235970945576000,"schema":"public","table":"comments","txId":750,)"
          R"("lsn":26586960,"xmin":null,"origin":null,"origin_lsn":null},"transaction":null,)"
          R"("op":"r","ts_ms":)"));
}

TEST(ChangeWriter, ShowsOldRowsAsTheReplicaIdentityOfTheirTableAllows) {
  ChangeWriter writer;
  ChangeRecord record;
  const LikeRow like{.post = 1, .user = 12, .reaction = "wow", .created_at = Micros(2'000'000)};
  writer.Delete(like, &record);
  EXPECT_THAT(record.value, StartsWith(R"({"before":{"post_id":1,"user_id":12,"reaction":"wow",)"
                                       R"("created_at":"1970-01-01T00:00:02.000000Z"},)"
                                       R"("after":null,)"));
  writer.Update(like, like, &record);
  EXPECT_THAT(record.value, StartsWith(R"({"before":{"post_id":1,)"));

  const PostRow post{.id = 3, .author = 10, .body = "edited", .edited_at = Micros(1)};
  writer.Update(post, post, &record);
  EXPECT_THAT(record.value, StartsWith(R"({"before":null,"after":{"id":3,)"));
  EXPECT_THAT(record.value, HasSubstr(R"("edited_at":1})"));
  writer.Delete(post, &record);
  EXPECT_THAT(record.value,
              StartsWith(R"({"before":{"id":3,"author_id":0,"body":"","visibility":"public",)"
                         R"("score":"0.00","tags":[],"meta":"{}","big":null,)"
                         R"("created_at":"1970-01-01T00:00:00.000000Z","edited_at":null},)"
                         R"("after":null,)"));

  writer.Delete(FollowRow{.follower = 10, .followee = 11, .created_at = Micros(5)}, &record);
  EXPECT_THAT(record.value, StartsWith(R"({"before":{"follower_id":10,"followee_id":11,)"
                                       R"("created_at":"1970-01-01T00:00:00.000000Z"},)"));
}

TEST(ChangeWriter, MovesTheLogPositionWithEveryLiveChange) {
  ChangeWriter writer;
  ChangeRecord record;
  writer.Snapshot({}, FollowRow{.follower = 1, .followee = 2}, &record);
  EXPECT_THAT(record.value, HasSubstr(R"("snapshot":"true")"));
  writer.Create(FollowRow{.follower = 1, .followee = 3}, &record);
  EXPECT_THAT(record.value, HasSubstr(R"("sequence":"[\"26587008\",\"26587088\"]")"));
  EXPECT_THAT(record.value, HasSubstr(R"("txId":751,"lsn":26587088,)"));
  EXPECT_THAT(record.value, HasSubstr(R"("snapshot":"false")"));
}

TEST(ChangeWriter, TombstoneHasTheKeyOfItsDeletionAndNoValue) {
  ChangeWriter writer;
  ChangeRecord record;
  writer.Delete(PostRow{.id = 3}, &record);
  ChangeWriter::Tombstone(record, &record);
  EXPECT_EQ(record.key, R"({"id":3})");
  EXPECT_EQ(record.ValueOrNull(), std::nullopt);
}

TEST(ChangeWriter, EscapesTexts) {
  ChangeWriter writer;
  ChangeRecord record;
  writer.Create(PostRow{.id = 3, .body = "äöü 日本語 \"quoted\" \\ back"}, &record);
  EXPECT_THAT(record.value, HasSubstr(R"("body":"äöü 日本語 \"quoted\" \\ back",)"));
}

}  // namespace
}  // namespace millrace::gen
