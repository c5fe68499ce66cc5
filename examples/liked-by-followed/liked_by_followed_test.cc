#include "liked_by_followed.h"

#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "millrace/topology_driver.h"

namespace liked {
namespace {

using namespace millrace;
using debezium::Change, debezium::Op;
using schemas::Follow, schemas::Like, schemas::PostId, schemas::UserId;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kAnn = 1, kBob = 2, kCid = 3, kPost = 100;
constexpr Timestamp kNoon = TimestampFromMillis(1'767'268'800'000);

class LikedByFollowed : public ::testing::TestWithParam<int> {
 protected:
  void Tell(const Follow& row, bool stands) {
    driver_.Pipe(topics::kNormalFollows, UserId{row.follower}, ChangeTo(row, stands), kNoon);
  }
  void Tell(const Like& row, bool stands) {
    driver_.Pipe(topics::kNormalLikes, PostId{row.post}, ChangeTo(row, stands), kNoon);
  }
  template <class Row>
  static Change<Row> ChangeTo(const Row& row, bool stands) {
    if (stands) return {.op = Op::kCreate, .after = row};
    return {.op = Op::kDelete, .before = row};
  }
  std::set<Reason> Read() {
    for (const auto& record : driver_.Drain(kReasons)) {
      record.value.has_value() ? (void)reasons_.insert(*record.key)
                               : (void)reasons_.erase(*record.key);
    }
    return reasons_;
  }

  TopologyDriver driver_{BuildLikedByFollowed().value(), {.partitions = GetParam()}};
  std::set<Reason> reasons_;
};
INSTANTIATE_TEST_SUITE_P(Partitions, LikedByFollowed, ::testing::Values(1, 4),
                         ::testing::PrintToStringParamName());

TEST_P(LikedByFollowed, WhicheverOfFollowAndLikeComesFirst) {
  Tell(Follow{kAnn, kBob, kNoon}, true);
  Tell(Like{kPost, kBob, "like", kNoon}, true);
  Tell(Like{kPost, kCid, "like", kNoon}, true);
  EXPECT_THAT(Read(), ElementsAre(Reason{kAnn, kPost, kBob}));
  Tell(Follow{kAnn, kCid, kNoon}, true);
  EXPECT_THAT(Read(), ElementsAre(Reason{kAnn, kPost, kBob}, Reason{kAnn, kPost, kCid}));
}

TEST_P(LikedByFollowed, AReasonGoesWithTheLikeOrWithTheFollow) {
  Tell(Follow{kAnn, kBob, kNoon}, true);
  Tell(Follow{kCid, kBob, kNoon}, true);
  Tell(Like{kPost, kBob, "like", kNoon}, true);
  driver_.CrashAndLoseState();
  Tell(Follow{kAnn, kBob, kNoon}, false);
  EXPECT_THAT(Read(), ElementsAre(Reason{kCid, kPost, kBob}));
  Tell(Like{kPost, kBob, "like", kNoon}, false);
  EXPECT_THAT(Read(), IsEmpty());
}

TEST_P(LikedByFollowed, BytesThatAreNoChangeAreADeadLetter) {
  driver_.PipeBytes("likes.n", "100", "no change");
  EXPECT_EQ(driver_.DrainBytes("likes.n-dlq").size(), 1u);
  EXPECT_THAT(Read(), IsEmpty());
}

}  // namespace
}  // namespace liked
