// What the programs of this folder share: a row with a serde, one without, and topics.
#pragma once

#include <cstdint>
#include <string>

#include "millrace/millrace.h"

struct Like {
  int64_t post = 0;
  std::string reader;
};

template <>
struct millrace::Serde<Like> {
  static void Encode(const Like& like, std::string* out) { out->append(like.reader); }
  static absl::Status Decode(std::string_view bytes, Like* out) {
    out->reader.assign(bytes);
    return absl::OkStatus();
  }
};

// Bytes of this one are unknown: it may pass from step to step, and never into a store or topic.
struct Draft {
  std::string text;
};

using millrace::Duration;
using millrace::Emit;
using millrace::KeyValue;
using millrace::Stream;
using millrace::Table;
using millrace::Topic;
using millrace::Tumbling;

inline const Topic<std::string, Like> kLikes{"likes"};
inline const Topic<std::string, int64_t> kCounts{"counts"};
