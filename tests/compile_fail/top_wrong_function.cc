// EXPECT: Top: pass a function that is callable while const as (const V&, const V&) and returns
// whether the first row is better, or as (const V&), or &V::member, for what rows are ranked by
#include "likes.h"

void Build(const millrace::GroupedTable<std::string, Like>& likes) {
  likes.Top("best", 3, [](const std::string& reader) { return reader.size(); });
}
