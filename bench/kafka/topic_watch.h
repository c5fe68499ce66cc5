// Follows a topic from its end on and measures when records can be read.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "millrace/log.h"

namespace millrace::bench::kafka {

// From the records' timestamps to the moment at which they were read, in milliseconds.
struct Latencies {
  int64_t records = 0;
  double p50 = 0;
  double p99 = 0;
  double p999 = 0;
};

struct WatchOptions {
  std::string topic;
  int64_t records = -1;  // ends after so many; negative: only `stop` ends it
  // Records of the first part are not counted: the other side warms up.
  int64_t skip = 0;
  std::function<bool()> stop;  // asked often
  // Called before the first record is waited for.
  std::function<void()> on_ready;
  // Called for each batch, with the partition and how many records it has.
  std::function<void(PartitionId, int64_t records)> on_batch;
};

// NotFound: there is no such topic.
absl::StatusOr<Latencies> WatchTopic(const WatchOptions& options, Log* log);

}  // namespace millrace::bench::kafka
