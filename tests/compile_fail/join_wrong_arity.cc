// EXPECT: Join: pass a function that returns V2 or std::optional<V2> and is callable while const as
// (const V&, const VT& row) or (const K&, const V&, const VT& row)
#include "likes.h"

void Build(const Stream<std::string, Like>& likes, const Table<std::string, int64_t>& counts) {
  likes.Join(counts, [](const Like& like) { return like.post; });
}
