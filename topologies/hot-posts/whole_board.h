// Last step of hot-posts: parts of a board become the board.
#pragma once

#include <cstdint>

#include "millrace/processor.h"
#include "schemas/hot_board.h"
#include "topologies/hot-posts/facts.h"

namespace millrace::topologies::hot {

// Keeps the newest part of every partition. A board is whole, and is passed on, when all of them
// are of one time; a partition that is behind makes up for it with its newest part.
class WholeBoard final
    : public Processor<PartKey, schemas::HotBoard, schemas::HotBoardKey, schemas::HotBoard> {
 public:
  void Init(Context& context) override;
  void Process(const Record<PartKey, schemas::HotBoard>& record, Context& context) override;

 private:
  KeyValueStore<int32_t, schemas::HotBoard> parts_;
  schemas::HotBoard board_;  // scratch
};

}  // namespace millrace::topologies::hot
