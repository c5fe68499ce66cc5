// EXPECT: SelectKey, GroupBy: pass a function that returns K2 or std::optional<K2> and is callable
// while const as (const V&) or (const K&, const V&), or &V::member
#include "likes.h"

void Build(const Stream<std::string, Like>& likes) { likes.SelectKey(&Draft::text); }
