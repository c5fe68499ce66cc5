// EXPECT: Deduplicate: pass a function that returns an id, D or std::optional<D>, and is callable
// while const as (const V&) or (const K&, const V&), or &V::member; pointers (const K*, const V*)
// see nulls
#include "likes.h"

void Build(const Stream<std::string, Like>& likes) {
  likes.Deduplicate("seen", Duration(1), [](const int64_t&, const int64_t&) { return 1; });
}
