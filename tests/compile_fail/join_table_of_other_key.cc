// EXPECT: Join
#include "likes.h"

void Build(const Stream<std::string, Like>& likes, const Table<int64_t, int64_t>& counts) {
  likes.Join(counts, [](const Like& like, const int64_t& count) { return like.post + count; });
}
