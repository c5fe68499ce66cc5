// EXPECT: LeftJoin of tables: pass a function that returns V2 or std::optional<V2> and is callable
// while const as (const V&, const VT*) or (const K&, const V&, const VT*)
#include "likes.h"

void Build(const Table<std::string, Like>& likes, const Table<int64_t, int64_t>& counts) {
  likes.LeftJoin("counted", counts, &Like::post,
                 [](const Like& like, const int64_t& count) { return like.post + count; });
}
