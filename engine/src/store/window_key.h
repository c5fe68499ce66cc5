// Keys of window stores: in the backend, and in the changelog (both drawn in row_format.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "millrace/detail/erased_store.h"
#include "millrace/time.h"

namespace millrace::store {

// The span of starts whose rows lie together, and are deleted together.
Duration SegmentInterval(const detail::StoreSpec& spec);

// floor(start / interval).
int64_t SegmentOf(Timestamp start, Duration interval);

// 00 -> 00 FF, then 00 00: keys stay in order and none is a prefix of another.
void AppendEscaped(std::string_view key, std::string* out);

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
