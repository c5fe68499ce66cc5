// EXPECT: Reduce, Aggregate of a grouped table: pass two functions, one that adds a row and one
// that subtracts it
#include "likes.h"

void Build(const Table<std::string, Like>& likes) {
  likes
      .GroupBy("by-post",
               [](const Like& like) {
                 return KeyValue<int64_t, int64_t>{like.post, 1};
               })
      .Reduce(
          "sums", [](const int64_t& sum, const int64_t& one) { return sum + one; },
          [](const Draft& sum) { return sum; });
}
