// The committed records of the topic "in": the truth that outputs are held against.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "millrace/time.h"

namespace millrace::campaign {

struct Input {
  int64_t offset = 0;
  Timestamp timestamp;
  std::string key;
  int64_t value = 0;
};

// Where a record of "in" lies; printed and sent as "PARTITION-OFFSET".
struct Provenance {
  int32_t partition = 0;
  int64_t offset = 0;
};

class Inputs {
 public:
  explicit Inputs(int32_t partitions) : partitions_(static_cast<size_t>(partitions)) {}

  // In the order of offsets, which have gaps: control records, aborted transactions.
  void Add(int32_t partition, Input input) {
    partitions_[static_cast<size_t>(partition)].push_back(std::move(input));
  }
  int32_t partitions() const { return static_cast<int32_t>(partitions_.size()); }
  const std::vector<Input>& partition(int32_t p) const {
    return partitions_[static_cast<size_t>(p)];
  }
  int64_t size() const {
    int64_t sum = 0;
    for (const auto& partition : partitions_) sum += static_cast<int64_t>(partition.size());
    return sum;
  }
  // The place of a record within its partition, or -1: no such record was committed.
  int64_t IndexOf(const Provenance& from) const {
    if (from.partition < 0 || from.partition >= partitions()) return -1;
    const auto& in = partition(from.partition);
    const auto it =
        std::lower_bound(in.begin(), in.end(), from.offset,
                         [](const Input& i, int64_t offset) { return i.offset < offset; });
    return it != in.end() && it->offset == from.offset ? it - in.begin() : -1;
  }

 private:
  std::vector<std::vector<Input>> partitions_;
};

}  // namespace millrace::campaign
