// EXPECT: Reduce: pass a function that is callable while const as (const V& aggregate, const V&
// value) and returns V or std::optional<V>, or as (V& aggregate, const V& value) and returns
// nothing
#include "likes.h"

void Build(const Stream<std::string, Like>& likes) {
  likes.GroupByKey().Reduce("latest", [](const Like& like) { return like; });
}
