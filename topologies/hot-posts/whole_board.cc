#include "topologies/hot-posts/whole_board.h"

#include "topologies/hot-posts/score.h"

namespace millrace::topologies::hot {

void WholeBoard::Init(Context& context) {
  parts_ = context.Store<PartAt, schemas::HotBoard>(names_.parts);
  last_ = context.Store<int32_t, schemas::HotBoard>(names_.board);
}

void WholeBoard::Process(const Record<PartKey, schemas::HotBoard>& record, Context& context) {
  const Timestamp time = record.value->time;
  if (const auto last = last_.Get(kLast); last && last->time >= time) return;
  parts_.Put({.time = time, .partition = record.key->partition}, *record.value, time);
  if (Gather(time) < record.key->partitions) return;
  KeepHottest(&board_.posts);
  last_.Put(kLast, board_, time);
  for (auto row = parts_.All(); row.Valid() && row.key().time <= time; row.Next()) {
    parts_.Delete(row.key());
  }
  const schemas::HotBoardKey key{.time = time};
  context.Forward({.key = &key, .value = &board_, .timestamp = time});
}

int32_t WholeBoard::Gather(Timestamp time) {
  board_.time = time;
  board_.posts.clear();
  prefix_.clear();
  FieldSerde<PartAt>::EncodePrefix<1>({.time = time}, &prefix_);
  int32_t partitions = 0;
  for (auto part = parts_.Prefix(prefix_); part.Valid(); part.Next()) {
    ++partitions;
    board_.posts.insert(board_.posts.end(), part.value().posts.begin(), part.value().posts.end());
  }
  return partitions;
}

}  // namespace millrace::topologies::hot
