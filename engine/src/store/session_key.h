// Keys of session stores: the rows' (see row_format.h), and the changelog's.
//
//   row        segment i64 | escaped key | end i64 | start i64     (i64 sorts as bytes)
//   changelog  key bytes | end i64 BE | start i64 BE               (Kafka Streams' own)
//
// segment = floor(end / interval), as of window stores.
#pragma once

#include <string>
#include <string_view>

#include "millrace/time.h"

namespace millrace::store {

// `key` is escaped with its end mark in row keys, plain in changelog keys.
struct SessionKey {
  std::string_view key;
  Timestamp end;
  Timestamp start;
};

void AppendSessionKey(Duration interval, const SessionKey& escaped, std::string* out);
// False when `bytes` is no such key.
bool ParseSessionKey(std::string_view bytes, SessionKey* escaped);

void AppendSessionChangelogKey(const SessionKey& plain, std::string* out);
// False when `bytes` is too short.
bool ParseSessionChangelogKey(std::string_view bytes, SessionKey* plain);

}  // namespace millrace::store
