#include "topologies/hot-posts/hot_posts.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "millrace/topology_builder.h"
#include "schemas/topics.h"
#include "topologies/common/normalise/normalise.h"
#include "topologies/hot-posts/cached_board.h"
#include "topologies/hot-posts/minute_clock.h"
#include "topologies/hot-posts/part_boards.h"
#include "topologies/hot-posts/row_facts.h"
#include "topologies/hot-posts/whole_board.h"

namespace millrace::topologies {
namespace {

using hot::BoardWindow;
using hot::Fact;
using hot::WholeBoard;
using schemas::HotBoard;
using schemas::HotBoardKey;

// Longer than the longer window: what is forgotten is in no board.
constexpr Duration kEventsRemembered = std::chrono::hours(26);

// One of the two boards: what it looks at, and the names of what is its own.
struct Board {
  BoardWindow window;
  std::string parts_step, parts_topic, whole_step;
  WholeBoard::Names whole;
  Topic<HotBoardKey, HotBoard> topic;
};

Board BoardOfHour() {
  return {.window = {std::chrono::minutes(1), 60, "posts", "minutes", "removals", "progress"},
          .parts_step = "part-boards",
          .parts_topic = "boards",
          .whole_step = "whole-board",
          .whole = {"parts", "board"},
          .topic = topics::kHotPosts};
}

Board BoardOfDay() {
  return {.window = {std::chrono::hours(1), 24, "posts-of-day", "hours", "removals-of-day",
                     "progress-of-day"},
          .parts_step = "part-boards-of-day",
          .parts_topic = "boards-of-day",
          .whole_step = "whole-board-of-day",
          .whole = {"parts-of-day", "board-of-day"},
          .topic = topics::kHotPostsOfDay};
}

void AddStores(const Board& board, TopologyBuilder* flow) {
  flow->AddStore(Store<int64_t, hot::PostLife>(board.window.posts));
  flow->AddStore(Store<hot::PostBucket, hot::Counts>(board.window.counts));
  flow->AddStore(Store<hot::Removal, int32_t>(board.window.removals));
  flow->AddStore(Store<int32_t, hot::Progress>(board.window.progress));
  flow->AddStore(Store<hot::PartAt, HotBoard>(board.whole.parts));
  flow->AddStore(Store<int32_t, HotBoard>(board.whole.board));
}

// All in one partition, whatever their number: boards have an order.
PartitionId FirstPartition(const HotBoard&, int32_t) { return PartitionId(0); }

Stream<HotBoardKey, HotBoard> AddBoard(const Board& board, const Stream<int64_t, Fact>& facts,
                                       TopologyBuilder* flow) {
  AddStores(board, flow);
  const auto whole =
      facts
          .Process(board.parts_step, board.window.Stores(),
                   [window = board.window] { return std::make_unique<hot::PartBoards>(window); })
          .Repartition(board.parts_topic, {.partitions = 1})
          .Process(board.whole_step, {board.whole.parts, board.whole.board},
                   [names = board.whole] { return std::make_unique<WholeBoard>(names); });
  whole.To(board.topic, {.partitioner = FirstPartition});
  return whole;
}

// By post, and each event of a client once.
Stream<int64_t, Fact> Facts(TopologyBuilder* flow) {
  using hot::ReactionFacts;
  const auto posts = NormalPosts(flow).Process<hot::PostFacts>("post-facts");
  const auto likes = NormalLikes(flow).Process<ReactionFacts<schemas::Like>>("like-facts");
  const auto comments =
      NormalComments(flow).Process<ReactionFacts<schemas::Comment>>("comment-facts");
  const auto events = flow->From(topics::kEvents).Process<hot::EventFacts>("event-facts");
  return posts.Merge(likes)
      .Merge(comments)
      .Merge(events)
      .Process<hot::MinuteClock>("minute-clock")
      .Repartition("by-post", {.partitioner = hot::PartitionOfFact})
      .Deduplicate("event-ids", kEventsRemembered, [](const Fact& fact) {
        return fact.event == 0 ? std::nullopt : std::optional(fact.event);
      });
}

}  // namespace

absl::StatusOr<Topology> BuildHotPosts() {
  TopologyBuilder flow("hot-posts");
  const auto facts = Facts(&flow);
  AddBoard(BoardOfHour(), facts, &flow)
      .Map([](const HotBoard& board) {
        return KeyValue{std::string(hot::kCacheKey), hot::CachedBoard(board)};
      })
      .To(topics::kCache);
  AddBoard(BoardOfDay(), facts, &flow);
  return std::move(flow).Build();
}

}  // namespace millrace::topologies
