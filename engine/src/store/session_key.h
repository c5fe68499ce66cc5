// Keys of session stores: the rows' (see row_format.h), and the changelog's.
//
//   row        segment i64 | escaped key | end i64 | start i64     (i64 sorts as bytes)
//              in memory the start is -1 - start: later ones come first, as in Kafka Streams
//   changelog  key bytes | end i64 BE | start i64 BE               (Kafka Streams' own)
//
// segment = floor(end / interval), as of window stores.
#pragma once

#include <string>
#include <string_view>

#include "millrace/detail/erased_store.h"
#include "millrace/time.h"

namespace millrace::store {

// `key` is escaped with its end mark in row keys, plain in changelog keys.
struct SessionKey {
  std::string_view key;
  Timestamp end;
  Timestamp start;
};

struct SessionLayout {
  explicit SessionLayout(const detail::StoreSpec& spec);
  Duration interval;  // of a segment
  bool starts_descend;
};

void AppendSessionKey(const SessionLayout& layout, const SessionKey& escaped, std::string* out);
// False when `bytes` is no such key.
bool ParseSessionKey(const SessionLayout& layout, std::string_view bytes, SessionKey* escaped);

void AppendSessionChangelogKey(const SessionKey& plain, std::string* out);
// False when `bytes` is too short.
bool ParseSessionChangelogKey(std::string_view bytes, SessionKey* plain);

}  // namespace millrace::store
