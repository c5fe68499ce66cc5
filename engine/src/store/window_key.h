// Keys of window stores: in the backend, and in the changelog (both drawn in row_format.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "millrace/detail/erased_store.h"
#include "millrace/store_query.h"
#include "millrace/time.h"
#include "store/store_backend.h"

namespace millrace::store {

// The span of starts whose rows lie together, and are deleted together.
Duration SegmentInterval(const detail::StoreSpec& spec);

// floor(start / interval).
int64_t SegmentOf(Timestamp start, Duration interval);

// 00 -> 00 FF, then 00 00: keys stay in order and none is a prefix of another.
void AppendEscaped(std::string_view key, std::string* out);

// Where the rows lie whose escaped keys belong to the query, behind `head`, which all of them
// share.
KeySpan EscapedSpan(std::string_view head, const StoreQuery& query);
// The same for keys behind a segment: in each segment, if the query is about one key and the
// segments are few; else all of them from the first one to the last.
std::vector<KeySpan> SegmentSpans(int64_t first, int64_t last, const StoreQuery& query);

struct WindowKey {
  int64_t segment = 0;
  std::string_view escaped_key;  // with its end mark
  Timestamp start;
  uint32_t sequence = 0;
};

// False when `bytes` is no such key.
bool ParseWindowKey(std::string_view bytes, WindowKey* key);
// Appends the user's key bytes.
void AppendUnescaped(std::string_view escaped_key, std::string* out);

void AppendChangelogKey(const WindowKey& key, std::string* out);
struct ChangelogKey {
  std::string_view key;
  Timestamp start;
  uint32_t sequence = 0;
};
// False when `bytes` is too short.
bool ParseChangelogKey(std::string_view bytes, ChangelogKey* key);

}  // namespace millrace::store
