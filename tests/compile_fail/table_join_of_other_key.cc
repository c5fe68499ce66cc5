// EXPECT: Join, LeftJoin, OuterJoin of tables: the tables have keys of different types; join by a
// key that is in the row: Join(name, table, key of the row, function)
#include "likes.h"

void Build(const Table<std::string, Like>& likes, const Table<int64_t, int64_t>& counts) {
  likes.Join(counts, [](const Like& like, const int64_t& count) { return like.post + count; });
}
