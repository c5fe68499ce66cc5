// Deployment: what a topology keeps in a log under an application id: stores and repartition
// topics. A record of it lies in the log, so that a changed topology can be compared with what is
// there before it starts. Plain data and pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "millrace/detail/topology_data.h"
#include "millrace/time.h"

namespace millrace {

struct DeployedStore {
  std::string name;
  std::string meaning;    // kind and encodings: "window string -> int64"
  std::string directory;  // of its tasks' state, without the partition
  int32_t partitions = 0;
  bool changelog = true;
  // Of stores with windows, sessions or a history; nullopt: of others, or not on record.
  std::optional<Duration> window_size = std::nullopt;
  std::optional<Duration> retention = std::nullopt;
  bool operator==(const DeployedStore&) const = default;
};

struct DeployedRepartition {
  std::string name;
  int32_t partitions = 0;
  bool operator==(const DeployedRepartition&) const = default;
};

struct Deployment {
  std::string topology;
  std::vector<DeployedStore> stores;
  std::vector<DeployedRepartition> repartitions;
  bool operator==(const Deployment&) const = default;
};

// `partitions_of_subtopology` and `repartition_partitions` as the plan has them, in the order of
// the topology.
Deployment DeploymentOf(const detail::TopologyData& data,
                        const std::vector<int32_t>& partitions_of_subtopology,
                        const std::vector<int32_t>& repartition_partitions);

// Where a task keeps its stores, below its application's directory: "<first store>-<partition>", so
// that state stays where it is when sub-topologies are renumbered. REQUIRES: there are stores.
std::string TaskDirectory(const std::string& state_directory,
                          const detail::SubtopologySpec& subtopology, PartitionId partition);

std::string EncodeDeployment(const Deployment& deployment);
// DataLoss: no deployment that this version can read.
absl::StatusOr<Deployment> DecodeDeployment(std::string_view json);

// What becomes of one piece of state when a topology replaces the deployed one.
struct StateChange {
  enum class Fate {
    kNew,           // starts empty
    kKept,          // goes on as it is
    kMoved,         // rebuilt from its changelog
    kLost,          // no longer read by anybody
    kIncompatible,  // is there, but not as the topology wants it
  };
  enum class Kind { kStore, kRepartition };
  Fate fate;
  Kind kind;
  std::string name;
  std::string why;  // may be empty
};

struct DeploymentDiff {
  std::vector<StateChange> changes;  // the new topology's state first, then what it leaves
  bool Has(StateChange::Fate fate) const;
  // A line for each change: fate, what, why.
  std::string ToText() const;
};

std::string_view FateName(StateChange::Fate fate);

DeploymentDiff CompareDeployments(const Deployment& deployed, const Deployment& wanted);

}  // namespace millrace
