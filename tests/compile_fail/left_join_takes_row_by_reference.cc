// EXPECT: LeftJoin: pass a function that returns V2 or std::optional<V2> and is callable while
// const as (const V&, const VT* row) or (const K&, const V&, const VT* row)
#include "likes.h"

// There may be no row; a reference could not say so.
void Build(const Stream<std::string, Like>& likes, const Table<std::string, int64_t>& counts) {
  likes.LeftJoin(counts, [](const Like& like, const int64_t& count) { return like.post + count; });
}
