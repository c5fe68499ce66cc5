// EXPECT: Join, LeftJoin with a GlobalTable<KG, VG>: first pass a function that returns KG
#include "likes.h"

void Build(const Stream<std::string, Like>& likes,
           const millrace::GlobalTable<int64_t, std::string>& posts) {
  likes.Join(
      posts, [](const Like& like) { return like.reader; },
      [](const Like& like, const std::string& post) { return like.reader + post; });
}
