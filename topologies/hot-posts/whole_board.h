// Last step of hot-posts: parts of a board become the board.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "millrace/processor.h"
#include "schemas/hot_board.h"
#include "topologies/hot-posts/facts.h"

namespace millrace::topologies::hot {

// Keeps the newest part of every partition. A board is whole, and is passed on, when all of them
// are of one time; a partition that is behind makes up for it with its newest part.
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
  KeyValueStore<int32_t, schemas::HotBoard> parts_;
  KeyValueStore<int32_t, schemas::HotBoard> last_;
  schemas::HotBoard board_;  // scratch
};

}  // namespace millrace::topologies::hot
