// EXPECT: callable while const as (const K&, int32_t partitions)
#include "likes.h"

void Build(const Table<std::string, Like>& likes, const Table<int64_t, std::string>& posts) {
  millrace::ForeignKeyOptions<int64_t> how;
  how.partitioner = [](const std::string& row, int32_t) {
    return millrace::PartitionId(static_cast<int32_t>(row.size()));
  };
  likes.Join(
      "liked", posts, [](const Like& like) { return like.post; },
      [](const Like& like, const std::string& post) { return like.reader + post; }, how);
}
