// What a faultless run of the campaign leaves behind, as plain data that a test can spoil.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "integration/kafka/campaign/inputs.h"
#include "integration/kafka/campaign/topic_judge.h"
#include "integration/kafka/campaign/topology.h"

namespace millrace::campaign {

struct OwnedOutput {
  std::string key;
  std::string value;
  Timestamp timestamp;
  Provenance from;
  int64_t writer = 100;
};

struct PerfectHistory {
  static constexpr int32_t kPartitions = 2;

  // `records` inputs; every fourth offset is not one (a control record, an aborted one).
  explicit PerfectHistory(int64_t records);

  // The outputs of a topic, by partition.
  std::vector<std::vector<OwnedOutput>>& of(const std::string& topic) { return outputs[topic]; }

  // What the judges say about it.
  Violations Judged() const;

  Inputs inputs{kPartitions};
  std::map<std::string, std::vector<std::vector<OwnedOutput>>> outputs;
};

}  // namespace millrace::campaign
