// The client library's error codes as absl::Status.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "connectors/kafka/src/rd_types.h"

namespace millrace::kafka {

// What was tried, for the message, and what it needs.
struct Attempt {
  std::string what;  // "describe topic 'posts'"
  std::string acl;   // "DESCRIBE on topic 'posts'": named when the brokers refuse
};

// OK for NO_ERROR. `detail` is the broker's or library's own text; empty: the code's.
absl::Status ToStatus(rd_kafka_resp_err_t code, const Attempt& attempt,
                      const std::string& detail = "");

// The same question may be answered a moment later: a leader that moves, metadata on their way.
bool IsPassing(rd_kafka_resp_err_t code);

// No such topic or partition, by any of the codes that say so.
bool IsUnknownTopic(rd_kafka_resp_err_t code);

// The broker does not let us in, or we do not trust it: no second attempt will help.
bool IsAuthentication(rd_kafka_resp_err_t code);

}  // namespace millrace::kafka
