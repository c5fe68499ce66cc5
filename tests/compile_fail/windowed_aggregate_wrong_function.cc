// EXPECT: Aggregate: A is the type of the initial value; pass a function that is callable while
// const as (const A& aggregate, const V& value) and returns A or std::optional<A>, or as (A&
// aggregate, const V& value) and returns nothing
#include "likes.h"

void Build(const Stream<std::string, Like>& likes) {
  likes.GroupByKey()
      .Window(Tumbling{.size = Duration(1000)})
      .Aggregate("posts", int64_t{0}, [](int64_t& sum) { ++sum; });
}
