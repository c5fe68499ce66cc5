// What is left of a user who was erased: nothing, also when more comes about them.
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/topology/normal_changes.h"
#include "topologies/cdc-normalise/cdc_normalise.h"
#include "topologies/common/normalise/row_store.h"

namespace millrace::topologies {
namespace {

using schemas::Comment;
using schemas::CommentKey;
using schemas::Follow;
using schemas::FollowKey;
using schemas::Like;
using schemas::LikeKey;
using schemas::Post;
using schemas::PostKey;
using schemas::UserErased;
using schemas::UserId;
using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

// A number whose bytes and digits come by chance nowhere else.
constexpr int64_t kMallory = 7'316'924'580'137;
constexpr int64_t kAnn = 11;

class CdcErasure : public testing::Test {
 protected:
  void Pipe(Op op, const Post& row, int64_t lsn) {
    driver_.Pipe(topics::kPosts, PostKey{row.id}, Versioned(op, row, lsn, kNow), kNow);
  }
  void Pipe(Op op, const Follow& row, int64_t lsn) {
    driver_.Pipe(topics::kFollows, FollowKey{row.follower, row.followee},
                 Versioned(op, row, lsn, kNow), kNow);
  }
  void Pipe(Op op, const Like& row, int64_t lsn) {
    driver_.Pipe(topics::kLikes, LikeKey{row.post, row.user}, Versioned(op, row, lsn, kNow), kNow);
  }
  void Pipe(Op op, const Comment& row, int64_t lsn) {
    driver_.Pipe(topics::kComments, CommentKey{row.id}, Versioned(op, row, lsn, kNow), kNow);
  }
  // Rows by and about the user, and others; all of version `lsn`.
  void PipeRows(int64_t user, int64_t lsn) {
    const int64_t some = user % 1000;
    Pipe(Op::kCreate, Post{.id = some, .author = user, .created_at = kEarlier}, lsn);
    Pipe(Op::kCreate, Post{.id = some + 1, .author = user, .created_at = kEarlier}, lsn);
    Pipe(Op::kCreate, Follow{user, 500, kEarlier}, lsn);
    Pipe(Op::kCreate, Follow{501, user, kEarlier}, lsn);
    for (int64_t post = 30; post < 36; ++post) {
      Pipe(Op::kCreate, Like{post, user, "like", kEarlier}, lsn);
    }
    Pipe(Op::kCreate,
         Comment{
             .id = "c" + std::to_string(some), .post = 30, .author = user, .created_at = kEarlier},
         lsn);
  }
  void Erase(int64_t user) {
    driver_.Pipe(topics::kUserErased, UserId{user}, UserErased{user, "request-1", kNow}, kNow);
  }
  // Rows that went since the last call, per table.
  std::map<std::string, int> Removed() {
    std::map<std::string, int> removed;
    Count(topics::kNormalPosts, &removed);
    Count(topics::kNormalFollows, &removed);
    Count(topics::kNormalLikes, &removed);
    Count(topics::kNormalComments, &removed);
    return removed;
  }
  // All that the stores have, as their changelogs say it: the last value of every key.
  std::vector<std::string> BytesInStores() {
    std::vector<std::string> bytes;
    for (const char* table : {"posts", "follows", "likes", "comments"}) {
      for (const std::string& store : RowStoreNames(table).All()) {
        std::map<std::string, std::string> rows;
        for (const auto& record : driver_.DrainBytes("cdc-normalise-" + store + "-changelog")) {
          if (!record.value.has_value()) {
            rows.erase(*record.key);
          } else {
            rows[*record.key] = *record.value;
          }
        }
        for (const auto& [key, value] : rows) bytes.push_back(key + value);
      }
    }
    return bytes;
  }

  static constexpr Timestamp kEarlier = Today(hours(1));
  static constexpr Timestamp kNow = Today(hours(12));
  TopologyDriver driver_{BuildCdcNormalise().value(), {.partitions = 4, .start = kToday}};

 private:
  template <class K, class V>
  void Count(const Topic<K, V>& topic, std::map<std::string, int>* removed) {
    for (const auto& record : driver_.Drain(topic)) {
      if (record.value->op == Op::kDelete) ++(*removed)[topic.name()];
    }
  }
};

std::string BytesOf(int64_t id) {
  std::string bytes;
  internal::AppendField(id, Direction::kAscending, &bytes);
  return bytes;
}

TEST_F(CdcErasure, TakesAwayEveryRowByOrAboutTheUser) {
  PipeRows(kMallory, 10);
  PipeRows(kAnn, 10);
  Removed();
  Erase(kMallory);
  EXPECT_THAT(Removed(), UnorderedElementsAre(Pair("posts.n", 2), Pair("follows.n", 2),
                                              Pair("likes.n", 6), Pair("comments.n", 1)));
  std::map<std::string, int64_t> done;
  for (const auto& record : driver_.Drain(topics::kErasureDone)) {
    EXPECT_EQ(record.key, UserId{kMallory});
    EXPECT_EQ(record.value->request, "request-1");
    EXPECT_EQ(record.value->topology, "cdc-normalise");
    done[record.value->store] += record.value->rows;
  }
  EXPECT_THAT(done, UnorderedElementsAre(Pair("posts-rows", 2), Pair("follows-rows", 2),
                                         Pair("likes-rows", 6), Pair("comments-rows", 1)));
}

TEST_F(CdcErasure, NoStoreMentionsTheUserAfterItAndAfterLaterTraffic) {
  PipeRows(kMallory, 10);
  PipeRows(kAnn, 10);
  // What went before is remembered, and that is about the user as well.
  Pipe(Op::kDelete, Like{30, kMallory, "like", kEarlier}, 12);
  Pipe(Op::kDelete, Follow{kMallory, 500, kEarlier}, 12);
  Erase(kMallory);
  Removed();
  PipeRows(kMallory, 5);   // a replay
  PipeRows(kMallory, 20);  // late news
  Pipe(Op::kDelete, Like{31, kMallory, "like", kEarlier}, 30);
  Pipe(Op::kDelete, Follow{501, kMallory, kEarlier}, 30);
  driver_.Pipe(topics::kLikes, LikeKey{31, kMallory}, std::nullopt, kNow);

  for (const auto& topic : {"posts.n", "follows.n", "likes.n", "comments.n"}) {
    EXPECT_THAT(driver_.DrainBytes(topic), IsEmpty()) << topic;
  }
  const std::vector<std::string> stored = BytesInStores();
  int about_ann = 0;
  for (const std::string& bytes : stored) {
    EXPECT_EQ(bytes.find(BytesOf(kMallory)), std::string::npos);
    EXPECT_EQ(bytes.find(std::to_string(kMallory)), std::string::npos);
    about_ann += bytes.find(BytesOf(kAnn)) != std::string::npos;
  }
  EXPECT_GE(about_ann, 20);  // the search finds what is there
  EXPECT_EQ(CounterOf(&driver_, "erased_late_total"), 2 * 11 + 2);
}

TEST_F(CdcErasure, IsRememberedAcrossALossOfTheState) {
  PipeRows(kMallory, 10);
  Erase(kMallory);
  Removed();
  driver_.CrashAndLoseState();
  PipeRows(kMallory, 20);
  for (const auto& topic : {"posts.n", "follows.n", "likes.n", "comments.n"}) {
    EXPECT_THAT(driver_.DrainBytes(topic), IsEmpty()) << topic;
  }
}

TEST_F(CdcErasure, OfANobodyAndAgainOfTheSameUserDoesNothing) {
  PipeRows(kAnn, 10);
  Removed();
  Erase(kMallory);
  Erase(kMallory);
  EXPECT_THAT(Removed(), IsEmpty());
  EXPECT_THAT(driver_.Drain(topics::kErasureDone), IsEmpty());
}

TEST_F(CdcErasure, ARequestWithoutAUserIsADeadLetter) {
  driver_.PipeBytes("user.erased.v1", "12", std::nullopt, kNow);
  EXPECT_EQ(DeadLetterClasses(&driver_, "user.erased.v1").size(), 4u);  // one per table
}

}  // namespace
}  // namespace millrace::topologies
