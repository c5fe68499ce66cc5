// EXPECT: Count
#include "likes.h"

void Build(const Stream<std::string, Like>& likes) { likes.GroupByKey().Count(); }
