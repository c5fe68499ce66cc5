// Headers and timestamps between the client library's form and ours.
#pragma once

#include <string>

#include "connectors/kafka/src/rd_types.h"
#include "millrace/headers.h"
#include "millrace/time.h"

namespace millrace::kafka {

// The library takes the timestamp 0 for "now" (kafka_log.h, kTrueTimestampHeader).
inline constexpr int64_t kNowForTheLibrary = 0;
inline constexpr int64_t kStandsForZero = 1;

// Null for no headers. With `zero_timestamp` the mark of it is added.
RdHeaders ToLibrary(const Headers& headers, bool zero_timestamp);

// Of a message that was read: headers in millrace's wire form are appended to `out`, and the mark
// of a zero timestamp is taken out and undone in `timestamp`.
void FromLibrary(const rd_kafka_headers_t& headers, std::string* out, Timestamp* timestamp);

}  // namespace millrace::kafka
