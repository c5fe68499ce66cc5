// EXPECT: Join: pass a function that returns V2 or std::optional<V2> and is callable while const as
// (const V&, const VR&) or (const K&, const V&, const VR&)
#include "likes.h"

void Build(const Stream<std::string, Like>& likes, const Stream<std::string, int64_t>& views) {
  likes.Join("pairs", views, {.before = Duration(1), .after = Duration(1)},
             [](const Like& like) { return like.post; });
}
