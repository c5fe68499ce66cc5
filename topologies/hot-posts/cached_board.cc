#include "topologies/hot-posts/cached_board.h"

#include "connectors/debezium/json_writer.h"
#include "connectors/debezium/row_codec.h"

namespace millrace::topologies::hot {

schemas::CacheEntry CachedBoard(const schemas::HotBoard& board) {
  schemas::CacheEntry entry{.written_at = board.time, .ttl_ms = kCacheTtlMs, .value = "["};
  int64_t rank = 0;
  for (const schemas::HotPost& post : board.posts) {
    if (rank > 0) entry.value.push_back(',');
    debezium::JsonWriter fields(&entry.value);
    debezium::RowCodec<schemas::HotPost>::Write(post, &fields);
    fields.Integer("rank", ++rank);
    fields.Close();
  }
  entry.value.push_back(']');
  return entry;
}

}  // namespace millrace::topologies::hot
