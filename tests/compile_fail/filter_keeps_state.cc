// EXPECT: Filter, FilterNot, Branch: pass a function that returns bool and is callable while const
// as (const V&) or (const K&, const V&), or &V::member
#include "likes.h"

// A mutable function would be shared by the tasks of several threads.
void Build(const Stream<std::string, Like>& likes) {
  likes.Filter([seen = 0](const Like&) mutable { return ++seen < 3; });
}
