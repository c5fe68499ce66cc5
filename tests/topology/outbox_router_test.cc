// Announcements of the outbox table, each once, under the product's names.
#include "topologies/outbox-router/outbox_router.h"

#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/topology/normal_changes.h"
#include "tests/topology/readme_picture.h"

namespace millrace::topologies {
namespace {

using schemas::OutboxRow;
using schemas::PostId;
using schemas::UserId;
using std::chrono::hours;
using std::chrono::minutes;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

TEST(OutboxRouterTopology, ReadmeShowsThePictureOfToday) {
  EXPECT_EQ(PictureInReadme("outbox-router"), BuildOutboxRouter().value().Describe());
}

constexpr char kCreated[] = R"({"post_id":7,"author_id":3,"visibility":"public",)"
                            R"("media_ids":[1],"created_at":"2026-01-01T01:00:00.000Z"})";

class OutboxRouter : public testing::Test {
 protected:
  void Announce(const std::string& id, const std::string& type, const std::string& payload,
                Timestamp at = kNow, Op op = Op::kCreate) {
    const OutboxRow row{id, "post", "7", type, payload};
    driver_.Pipe(topics::kOutbox, "7", Versioned(op, row, 10, at), at);
  }
  auto Created() { return driver_.Drain(topics::kPostCreated); }
  auto Followed() { return driver_.Drain(topics::kUserFollowed); }

  static constexpr Timestamp kNow = Today(hours(12));
  TopologyDriver driver_{BuildOutboxRouter().value(), {.partitions = 4, .start = kToday}};
};

TEST_F(OutboxRouter, APostThatWasCreatedIsToldUnderItsId) {
  Announce("e1", "POST_CREATED", kCreated);
  const auto created = Created();
  ASSERT_THAT(created, SizeIs(1));
  EXPECT_EQ(created[0].key, PostId{7});
  EXPECT_EQ(created[0].value,
            (schemas::PostCreated{7, 3, schemas::Visibility::kPublic, Today(hours(1))}));
  EXPECT_EQ(created[0].timestamp, kNow);
}

TEST_F(OutboxRouter, AnUpdateSaysWhatHasChanged) {
  std::string payload = kCreated;
  payload.insert(payload.size() - 1, R"(,"changed":["visibility","body"])");
  Announce("e1", "POST_UPDATED", payload);
  const auto updated = driver_.Drain(topics::kPostUpdated);
  ASSERT_THAT(updated, SizeIs(1));
  EXPECT_EQ(updated[0].value->changed, "visibility,body");
  EXPECT_EQ(updated[0].value->author, 3);
  EXPECT_THAT(Created(), IsEmpty());
}

// Contradiction 13: camelCase and snake_case, upper and lower case, with and without a version.
TEST_F(OutboxRouter, NamesOfOtherServicesAreKnown) {
  const std::string camel = R"({"postId":7,"authorId":3,"visibility":"FOLLOWERS",)"
                            R"("createdAt":1767229200000})";
  Announce("e1", "post.created", camel);
  Announce("e2", "post.created.v1", camel);
  const auto created = Created();
  ASSERT_THAT(created, SizeIs(2));
  EXPECT_EQ(created[1].value,
            (schemas::PostCreated{7, 3, schemas::Visibility::kFollowers, Today(hours(1))}));
  Announce("e3", "USER_FOLLOWED", R"({"followerId":1,"followingId":2})");
  const auto followed = Followed();
  ASSERT_THAT(followed, SizeIs(1));
  EXPECT_EQ(followed[0].key, UserId{2});
}

// Contradiction 29: with and without a timestamp.
TEST_F(OutboxRouter, AFollowWithoutATimestampHasTheTimeOfItsRecord) {
  Announce("e1", "user.followed", R"({"follower_id":1,"following_id":2})");
  Announce("e2", "user.followed",
           R"({"follower_id":1,"following_id":3,"timestamp":"2026-01-01T01:00:00Z"})");
  std::vector<std::optional<Timestamp>> times;
  for (const auto& record : Followed()) times.push_back(record.value->at);
  EXPECT_THAT(times, testing::UnorderedElementsAre(kNow, Today(hours(1))));
  EXPECT_THAT(DeadLetterClasses(&driver_, "outbox.events"), IsEmpty());
}

// Contradiction 12: the outbox is the trigger, and may trigger twice.
TEST_F(OutboxRouter, AnEventIsToldOnceInSevenDays) {
  Announce("e1", "POST_CREATED", kCreated);
  Announce("e1", "POST_CREATED", kCreated);
  driver_.CrashAndLoseState();
  Announce("e1", "POST_CREATED", kCreated, kNow + hours(24 * 7) - minutes(1));
  EXPECT_THAT(Created(), SizeIs(1));
  EXPECT_EQ(CounterOf(&driver_, "outbox_repeated_total"), 2);
  Announce("e2", "POST_CREATED", kCreated, kNow + hours(24 * 7) + minutes(1));
  Announce("e1", "POST_CREATED", kCreated, kNow + hours(24 * 7) + minutes(1));
  EXPECT_THAT(Created(), SizeIs(2));
}

TEST_F(OutboxRouter, ServicesMayDeleteTheirRows) {
  Announce("e1", "POST_CREATED", kCreated, kNow, Op::kSnapshot);
  driver_.Pipe(topics::kOutbox, "7", Change<OutboxRow>{.op = Op::kDelete, .source = At(20, kNow)},
               kNow);
  driver_.Pipe(topics::kOutbox, "7", std::nullopt, kNow);
  EXPECT_THAT(Created(), SizeIs(1));
  EXPECT_THAT(DeadLetterClasses(&driver_, "outbox.events"), IsEmpty());
}

TEST_F(OutboxRouter, WhatCannotBeToldIsADeadLetterOfItsClass) {
  Announce("e1", "post.liked", kCreated);
  Announce("e2", "POST_CREATED", "{");
  Announce("e3", "POST_CREATED", R"({"post_id":7})");
  Announce("e4", "POST_CREATED",
           R"({"post_id":7,"author_id":3,"visibility":"friends",)"
           R"("created_at":"2026-01-01T01:00:00Z"})");
  Announce("e5", "POST_UPDATED", kCreated);  // what has changed?
  EXPECT_THAT(DeadLetterClasses(&driver_, "outbox.events"),
              ElementsAre("SCHEMA", "SCHEMA", "SCHEMA", "SCHEMA", "SCHEMA"));
  Announce("e6", "user.followed", R"({"follower_id":1,"following_id":1})");
  Announce("e7", "user.followed",
           R"({"follower_id":1,"following_id":2,"timestamp":"2027-01-01T01:00:00Z"})");
  EXPECT_THAT(DeadLetterClasses(&driver_, "outbox.events"), ElementsAre("POLICY", "RANGE"));
}

TEST_F(OutboxRouter, NothingIsToldAboutErasedUsers) {
  driver_.Pipe(topics::kUserErased, UserId{3}, schemas::UserErased{3, "r", kNow}, kNow);
  Announce("e1", "POST_CREATED", kCreated);
  Announce("e2", "user.followed", R"({"follower_id":1,"following_id":3})");
  Announce("e3", "user.followed", R"({"follower_id":3,"following_id":1})");
  Announce("e4", "user.followed", R"({"follower_id":1,"following_id":2})");
  EXPECT_THAT(Created(), IsEmpty());
  EXPECT_THAT(Followed(), SizeIs(1));
  EXPECT_EQ(CounterOf(&driver_, "erased_late_total"), 3);
}

// A dead letter that is sent again, when the service has mended it, is no repetition.
TEST_F(OutboxRouter, ADeadLetterDoesNotUseItsIdUp) {
  Announce("e1", "POST_CREATED", R"({"post_id":7})");
  Announce("e1", "POST_CREATED", kCreated);
  EXPECT_THAT(Created(), SizeIs(1));
}

}  // namespace
}  // namespace millrace::topologies
