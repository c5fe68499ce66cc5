// Parts of hot boards, as partitions that are far apart make them.
#include "topologies/hot-posts/whole_board.h"

#include <gmock/gmock.h>

#include <utility>
#include <vector>

#include "millrace/topology_builder.h"
#include "millrace/topology_driver.h"
#include "schemas/topics.h"

namespace millrace::topologies::hot {
namespace {

using schemas::HotBoard;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

const Topic<PartKey, HotBoard> kParts{"parts"};

class WholeBoardTest : public testing::Test {
 protected:
  static Topology Build() {
    TopologyBuilder flow("boards");
    flow.AddStore(Store<PartAt, HotBoard>("parts-kept"));
    flow.AddStore(Store<int32_t, HotBoard>("last"));
    flow.From(kParts)
        .Process("whole", {"parts-kept", "last"},
                 [] {
                   return std::make_unique<WholeBoard>(
                       WholeBoard::Names{.parts = "parts-kept", .board = "last"});
                 })
        .To(topics::kHotPosts);
    return std::move(flow).Build().value();
  }

  // Partition `partition` of two has one post, called `post`, in its part of minute `minute`.
  void Part(int32_t partition, int minute, int64_t post) {
    const HotBoard part{.time = At(minute), .posts = {{.post = post, .score = 1.0 / post}}};
    driver_.Pipe(kParts, PartKey{.partition = partition, .partitions = 2}, part, At(minute));
  }
  // The boards that came out: their minute, and their posts.
  std::vector<std::pair<int, std::vector<int64_t>>> Boards() {
    std::vector<std::pair<int, std::vector<int64_t>>> boards;
    for (const auto& record : driver_.Drain(topics::kHotPosts)) {
      const auto minute = (record.value->time - At(0)).count() / 60'000;
      auto& posts = boards.emplace_back(static_cast<int>(minute), std::vector<int64_t>()).second;
      for (const schemas::HotPost& post : record.value->posts) posts.push_back(post.post);
    }
    return boards;
  }
  static Timestamp At(int minute) {
    return TimestampFromMillis(1'767'225'600'000 + minute * 60'000);
  }

  TopologyDriver driver_{Build(), {.partitions = 1}};
};

TEST_F(WholeBoardTest, MakesEveryBoardOfAPartitionThatCatchesUpWithAnother) {
  for (const int minute : {1, 2, 3}) Part(0, minute, 10 + minute);
  EXPECT_THAT(Boards(), IsEmpty());
  for (const int minute : {1, 2, 3}) Part(1, minute, 20 + minute);
  EXPECT_THAT(Boards(), ElementsAre(Pair(1, ElementsAre(11, 21)), Pair(2, ElementsAre(12, 22)),
                                    Pair(3, ElementsAre(13, 23))));
}

TEST_F(WholeBoardTest, LeavesOutAMinuteThatOnePartitionHasSkipped) {
  for (const int minute : {1, 2, 3}) Part(0, minute, 10 + minute);
  for (const int minute : {1, 3}) Part(1, minute, 20 + minute);
  EXPECT_THAT(Boards(), ElementsAre(Pair(1, ElementsAre(11, 21)), Pair(3, ElementsAre(13, 23))));
  Part(1, 2, 22);  // behind the board of a later minute
  EXPECT_THAT(Boards(), IsEmpty());
}

TEST_F(WholeBoardTest, KeepsWaitingPartsOverACrash) {
  Part(0, 1, 11);
  driver_.CrashAndLoseState();
  Part(1, 1, 21);
  EXPECT_THAT(Boards(), ElementsAre(Pair(1, ElementsAre(11, 21))));
}

}  // namespace
}  // namespace millrace::topologies::hot
