// EXPECT: FlatMap: pass a function, not a generic one, that is callable while const as (const V&,
// Emit<K2, V2>&) or (const K&, const V&, Emit<K2, V2>&)
#include "likes.h"

void Build(const Stream<std::string, Like>& likes) {
  likes.FlatMap([](const Like& like) { return like.reader; });
}
