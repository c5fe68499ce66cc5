// What every Log promises (contract_suite.cc), as a suite that a test binary instantiates with the
// logs that it knows:
//
//   INSTANTIATE_TEST_SUITE_P(All, LogContract, testing::Values(kind, …), NameOfLogKind);
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "millrace/log.h"
#include "unit/log/log_testing.h"

namespace millrace::log_testing {

struct LogKind {
  std::string name;
  // A log without topics. The directory is empty and lives as long as the log.
  std::function<std::unique_ptr<Log>(const std::string& directory)> open;
  // A topic's configuration comes back with `purge_consumed`.
  bool describes_purging = true;
};

inline std::string NameOfLogKind(const testing::TestParamInfo<LogKind>& info) {
  return info.param.name;
}

class LogContract : public testing::TestWithParam<LogKind> {
 protected:
  LogContract() : log_(GetParam().open(directory_.path())) {}

  // From `start` to the end that the partition has now.
  std::vector<Stored> Records(const TopicPartition& partition, int64_t start = 0,
                              size_t max_bytes = 1 << 20) {
    return Must(ReadToEnd(log_.get(), partition, Offset(start), max_bytes));
  }
  std::vector<std::string> Read(const TopicPartition& partition, int64_t start = 0,
                                size_t max_bytes = 1 << 20) {
    return Values(Records(partition, start, max_bytes));
  }
  PartitionDescription Bounds(const TopicPartition& partition) {
    return Must(log_->DescribeTopic(partition.topic))
        .partitions.at(static_cast<size_t>(partition.partition.value()));
  }

  ScratchDirectory directory_;
  std::unique_ptr<Log> log_;
};

}  // namespace millrace::log_testing
