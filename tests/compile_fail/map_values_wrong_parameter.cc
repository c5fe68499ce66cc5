// EXPECT: MapValues: pass a function that returns V2 or std::optional<V2> and is callable while
// const as (const V&) or (const K&, const V&), or &V::member
#include "likes.h"

void Build(const Stream<std::string, Like>& likes) {
  likes.MapValues([](const Like& like, const std::string& key) { return key + like.reader; });
}
