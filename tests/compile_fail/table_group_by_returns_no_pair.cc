// EXPECT: Table::GroupBy: pass a function that returns millrace::KeyValue<K2, V2> and is callable
// while const as (const V&) or (const K&, const V&)
#include "likes.h"

void Build(const Table<std::string, Like>& likes) { likes.GroupBy("by-post", &Like::post); }
