// CachedPage: a page of a feed as JSON, with what tells whether it is still right.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "millrace/serde.h"
#include "millrace/time.h"

namespace millrace::topologies {

struct CachedPage {
  // The last change of the user's feed, affinities or follows that the page knows of, as it was
  // told in feed:ver:{user}; kNoTimestamp: of none.
  Timestamp version = kNoTimestamp;
  Timestamp written_at;
  Timestamp expires;
  std::string json;  // PageJson
};

namespace cache {

// Store pages of feed-cache: the first page of an active user as it was written last.
struct WrittenPage {
  CachedPage page;
  std::string content;  // what must change for it to be written again
};

}  // namespace cache
}  // namespace millrace::topologies

//   version, written_at, expires, length of content: 8 bytes each │ content │ JSON
template <>
struct millrace::Serde<millrace::topologies::cache::WrittenPage> {
  static void Encode(const topologies::cache::WrittenPage& row, std::string* out);
  static absl::Status Decode(std::string_view bytes, topologies::cache::WrittenPage* out);
};
