// EXPECT: GroupBy
#include "likes.h"

void Build(const Stream<std::string, Like>& likes) { likes.GroupBy(&Like::post); }
