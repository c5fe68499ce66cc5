// EXPECT: Map: pass a function that returns millrace::KeyValue<K2, V2> and is callable while const
// as (const V&) or (const K&, const V&)
#include "likes.h"

void Build(const Stream<std::string, Like>& likes) {
  likes.Map([](const Like& like) { return like.post; });
}
