// CacheEntry: what a cache holds under a key for a while. Topic cache.v1, keyed by the cache's key:
// feed:v1:{user}:{offset}:{limit}, hot:posts:1h, suggest:users:{user}. A tombstone invalidates.
//
//   {"written_at":"…","ttl_ms":60000,"value":<any JSON>}
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "millrace/serde.h"
#include "millrace/time.h"

namespace millrace::schemas {

struct CacheEntry {
  Timestamp written_at = kNoTimestamp;
  int64_t ttl_ms = 0;
  std::string value;  // JSON text
  bool operator==(const CacheEntry&) const = default;
};

}  // namespace millrace::schemas

template <>
struct millrace::Serde<millrace::schemas::CacheEntry> {
  static void Encode(const schemas::CacheEntry& entry, std::string* out);
  static absl::Status Decode(std::string_view bytes, schemas::CacheEntry* out);
  static std::string ToJson(const schemas::CacheEntry& entry);
};
