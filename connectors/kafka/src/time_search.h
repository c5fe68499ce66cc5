// The first record of a time. Brokers find batches, and take the markers that end transactions for
// records of the time of their writing: from the offset that a broker names, the records are read.
#pragma once

#include "absl/status/statusor.h"
#include "connectors/kafka/src/cluster.h"
#include "millrace/log.h"

namespace millrace::kafka {

// The first offset whose record is of `time` or later; the end if there is none. `reader` is
// assigned the partition meanwhile.
absl::StatusOr<Offset> FindTime(Cluster* cluster, LogReader* reader,
                                const TopicPartition& partition, Timestamp time);

}  // namespace millrace::kafka
