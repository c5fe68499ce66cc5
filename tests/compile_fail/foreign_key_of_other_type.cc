// EXPECT: Join, LeftJoin by a key that is in the row: pass a function that returns the other
// table's key type KT or std::optional<KT>
#include "likes.h"

void Build(const Table<std::string, Like>& likes, const Table<std::string, int64_t>& counts) {
  likes.Join("counted", counts, &Like::post,
             [](const Like& like, const int64_t& count) { return like.post + count; });
}
