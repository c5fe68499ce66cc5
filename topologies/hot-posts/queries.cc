#include "topologies/hot-posts/queries.h"

#include <cstdint>
#include <utility>

#include "millrace/status.h"
#include "millrace/store_reader.h"
#include "topologies/hot-posts/whole_board.h"

namespace millrace::topologies {

absl::StatusOr<schemas::HotBoard> GetHot(Engine* engine, HotWindow window, size_t limit) {
  const char* store = window == HotWindow::kHour ? "board" : "board-of-day";
  MR_ASSIGN_OR_RETURN(auto boards, (ReaderOf<int32_t, schemas::HotBoard>(engine, store)));
  MR_ASSIGN_OR_RETURN(auto row, boards.Get(hot::WholeBoard::kLast));
  if (!row.has_value()) return schemas::HotBoard();
  schemas::HotBoard board = std::move(row->value);
  if (board.posts.size() > limit) board.posts.resize(limit);
  return board;
}

}  // namespace millrace::topologies
