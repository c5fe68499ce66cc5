#include "schemas/social_rows.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "schemas/topics.h"
#include "unit/debezium/captures.h"

namespace millrace::schemas {
namespace {

using debezium::Change;
using debezium::Op;
using ::millrace::testing::Captured;
using ::millrace::testing::ReadCaptures;

template <class T>
T Decode(std::string_view bytes) {
  T value;
  const absl::Status status = Serde<T>::Decode(bytes, &value);
  EXPECT_TRUE(status.ok()) << status;
  return value;
}

template <class T>
std::string Encode(const T& value) {
  std::string bytes;
  Serde<T>::Encode(value, &bytes);
  return bytes;
}

// The changes of a topic, without the tombstones.
template <class Row>
std::vector<Change<Row>> Changes(const std::string& file, const std::string& topic) {
  std::vector<Change<Row>> changes;
  for (const Captured& record : ReadCaptures(file, topic)) {
    if (record.value.has_value()) changes.push_back(Decode<Change<Row>>(*record.value));
  }
  return changes;
}

TEST(SocialRows, ReadAPostAsItWasInserted) {
  const Change<Post> first = Changes<Post>("cdc", "cdc.posts").front();
  EXPECT_EQ(first.op, Op::kSnapshot);
  EXPECT_EQ(first.after, (Post{.id = 1,
                               .author = 10,
                               .body = std::string("first post"),
                               .visibility = Visibility::kPublic,
                               .created_at = TimestampFromMillis(1'767'323'045'123)}));
  EXPECT_EQ(first.source.table, "posts");
}

TEST(SocialRows, ReadAPostThatWasEditedAndMadeVisibleToFollowers) {
  Post edited;
  for (const Change<Post>& change : Changes<Post>("cdc", "cdc.posts")) {
    if (change.after.has_value() && change.after->id == 200) edited = *change.after;
  }
  EXPECT_EQ(edited.body.value(), "zweiter Beitrag: äöü 日本語 \"quoted\" \\ back");
  EXPECT_EQ(edited.visibility, Visibility::kFollowers);
  EXPECT_EQ(edited.edited_at, TimestampFromMillis(1'767'398'400'500));
}

TEST(SocialRows, ReadTheLikeBeforeAndAfterItsReactionChanged) {
  const Change<Like> change = Changes<Like>("cdc", "cdc.likes").at(1);
  EXPECT_EQ(change.op, Op::kUpdate);
  EXPECT_EQ(change.before->reaction, "love");
  EXPECT_EQ(change.after, (Like{.post = 1,
                                .user = 12,
                                .reaction = "wow",
                                .created_at = TimestampFromMillis(1'772'323'202'000)}));
}

TEST(SocialRows, ReadTheFollowThatEndsByItsKey) {
  std::vector<Follow> ended;
  for (const Change<Follow>& change : Changes<Follow>("cdc", "cdc.follows")) {
    if (change.is_delete()) ended.push_back(*change.before);
  }
  ASSERT_EQ(ended.size(), 1u);
  EXPECT_EQ(ended[0].follower, 10);
  EXPECT_EQ(ended[0].followee, 11);
}

TEST(SocialRows, ReadACommentThatItsAuthorTookBack) {
  const Change<Comment> change = Changes<Comment>("cdc", "cdc.comments").at(2);
  EXPECT_EQ(change.op, Op::kUpdate);
  EXPECT_EQ(change.after, (Comment{.id = "0b8f5f3e-5f0c-4f6b-9a3d-2d9a6f1c0002",
                                   .post = 1,
                                   .author = 12,
                                   .parent = "0b8f5f3e-5f0c-4f6b-9a3d-2d9a6f1c0001",
                                   .body = std::string("reply"),
                                   .deleted = true,
                                   .created_at = TimestampFromMillis(1'772'323'203'000)}));
}

// Positions and times differ, since each file is of a connector of its own; rows do not.
template <class Row>
void ExpectSameRows(const std::string& topic) {
  const auto plain = Changes<Row>("cdc", "cdc." + topic);
  const auto flat = Changes<Row>("cdc-flat", "cdcf." + topic);
  ASSERT_EQ(plain.size(), flat.size());
  for (size_t i = 0; i < plain.size(); ++i) {
    EXPECT_EQ(plain[i].op, flat[i].op) << topic << i;
    EXPECT_EQ(plain[i].after, flat[i].after) << topic << i;
    if (plain[i].is_delete()) {
      EXPECT_EQ(plain[i].before, flat[i].before) << topic << i;
    }
  }
}

TEST(SocialRows, AreTheSameInTheFlatForm) {
  ExpectSameRows<Post>("posts");
  ExpectSameRows<Follow>("follows");
  ExpectSameRows<Like>("likes");
  ExpectSameRows<Comment>("comments");
}

// With schemas only one record of each kind was kept.
template <class Row>
void ExpectAmongPlainRows(const std::string& topic) {
  const auto plain = Changes<Row>("cdc", "cdc." + topic);
  for (const Change<Row>& change : Changes<Row>("cdc-schemas", "cdcs." + topic)) {
    const auto same = [&](const Change<Row>& other) {
      return other.op == change.op && other.before == change.before && other.after == change.after;
    };
    EXPECT_TRUE(std::any_of(plain.begin(), plain.end(), same))
        << Serde<Change<Row>>::ToJson(change);
  }
}

TEST(SocialRows, AreTheSameWithSchemas) {
  ExpectAmongPlainRows<Post>("posts");
  ExpectAmongPlainRows<Like>("likes");
}

template <class Row>
void ExpectStable(const std::string& topic) {
  for (const Change<Row>& change : Changes<Row>("cdc", "cdc." + topic)) {
    EXPECT_EQ(Decode<Change<Row>>(Encode(change)), change);
    if (change.after.has_value()) {
      EXPECT_EQ(Decode<Row>(Encode(*change.after)), *change.after);
    }
  }
}

TEST(SocialRows, SurviveARepartitionTopic) {
  ExpectStable<Post>("posts");
  ExpectStable<Follow>("follows");
  ExpectStable<Like>("likes");
  ExpectStable<Comment>("comments");
}

// Equal bytes are equal partitions: what is written with these keys lies with the rows.
template <class Key>
void ExpectKeysOf(const std::string& topic) {
  for (const Captured& record : ReadCaptures("cdc", "cdc." + topic)) {
    EXPECT_EQ(Encode(Decode<Key>(record.key.value())), record.key.value());
  }
}

TEST(SocialRows, KeysHaveTheBytesOfDebezium) {
  ExpectKeysOf<PostKey>("posts");
  ExpectKeysOf<FollowKey>("follows");
  ExpectKeysOf<LikeKey>("likes");
  ExpectKeysOf<CommentKey>("comments");
}

TEST(SocialRows, KeysAreReadInsideTheirSchemas) {
  const Captured like = ReadCaptures("cdc-schemas", "cdcs.likes").front();
  EXPECT_EQ(Decode<LikeKey>(like.key.value()), (LikeKey{.post = 1, .user = 11}));
}

TEST(SocialRows, RefuseAnUnknownVisibility) {
  Post post;
  const absl::Status status = Serde<Post>::Decode(
      R"({"id":1,"author_id":2,"visibility":"friends","created_at":"2026-01-01T00:00:00Z"})",
      &post);
  EXPECT_EQ(status.message(),
            "visibility: expected one of public followers private, got \"friends\"");
}

TEST(Topics, HaveTheNamesOfTheirTables) {
  EXPECT_EQ(topics::kPosts.name(), "cdc.posts");
  EXPECT_EQ(topics::kFollows.name(), "cdc.follows");
  EXPECT_EQ(topics::kLikes.name(), "cdc.likes");
  EXPECT_EQ(topics::kComments.name(), "cdc.comments");
}

}  // namespace
}  // namespace millrace::schemas
