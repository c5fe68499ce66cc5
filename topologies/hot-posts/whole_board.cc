#include "topologies/hot-posts/whole_board.h"

#include "topologies/hot-posts/score.h"

namespace millrace::topologies::hot {

void WholeBoard::Init(Context& context) {
  parts_ = context.Store<int32_t, schemas::HotBoard>(names_.parts);
  last_ = context.Store<int32_t, schemas::HotBoard>(names_.board);
}

void WholeBoard::Process(const Record<PartKey, schemas::HotBoard>& record, Context& context) {
  const Timestamp time = record.value->time;
  parts_.Put(record.key->partition, *record.value, time);
  board_.time = time;
  board_.posts.clear();
  for (int32_t partition = 0; partition < record.key->partitions; ++partition) {
    const auto part = parts_.Get(partition);
    if (!part || part->time != time) return;
    board_.posts.insert(board_.posts.end(), part->posts.begin(), part->posts.end());
  }
  KeepHottest(&board_.posts);
  last_.Put(kLast, board_, time);
  const schemas::HotBoardKey key{.time = time};
  context.Forward({.key = &key, .value = &board_, .timestamp = time});
}

}  // namespace millrace::topologies::hot
