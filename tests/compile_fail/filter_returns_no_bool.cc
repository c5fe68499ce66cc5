// EXPECT: Filter, FilterNot, Branch: pass a function that returns bool and is callable while const
// as (const V&) or (const K&, const V&), or &V::member
#include "likes.h"

void Build(const Stream<std::string, Like>& likes) {
  likes.Filter([](const Like& like) { return like.reader; });
}
