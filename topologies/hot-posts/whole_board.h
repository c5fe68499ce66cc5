// Last step of hot-posts: parts of a board become the board.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "millrace/processor.h"
#include "schemas/hot_board.h"
#include "topologies/hot-posts/facts.h"

namespace millrace::topologies::hot {

// A board is whole, and is passed on, when the part of every partition is there. Partitions may be
// far apart: parts wait for each other until a later board is whole, which the earlier ones that
// lack a part never will be.
// The board stays, for who asks.
class WholeBoard final
    : public Processor<PartKey, schemas::HotBoard, schemas::HotBoardKey, schemas::HotBoard> {
 public:
  // Of its stores.
  struct Names {
    std::string parts, board;
  };
  static constexpr int32_t kLast = 0;  // the only key of the store `board`

  explicit WholeBoard(Names names) : names_(std::move(names)) {}
  void Init(Context& context) override;
  void Process(const Record<PartKey, schemas::HotBoard>& record, Context& context) override;

 private:
  const Names names_;
  // Into board_; returns of how many partitions.
  int32_t Gather(Timestamp time);

  KeyValueStore<PartAt, schemas::HotBoard> parts_;
  KeyValueStore<int32_t, schemas::HotBoard> last_;
  schemas::HotBoard board_;  // scratch
  std::string prefix_;
};

}  // namespace millrace::topologies::hot
