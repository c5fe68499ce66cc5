// Brings a task's stores up to their changelogs.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "millrace/log.h"
#include "millrace/metrics.h"
#include "store/store_environment.h"
#include "store/task_stores.h"

namespace millrace {

struct RestoreRequest {
  std::string directory;
  std::vector<detail::StoreSpec> specs;
  StoreEnvironment* environment;
  Log* log;
  const absl::flat_hash_map<std::string, std::string>* changelogs;  // store -> topic
  PartitionId partition;
  Counter* restored;
};

// Opens the stores and applies the part of each changelog that they lack, in bounded batches. A
// directory that is damaged, or whose position does not lie within its changelog any more, is moved
// aside (never deleted) and rebuilt from the beginning. The caller must have fenced every other
// writer of the changelogs. When it returns OK every store equals its changelog; what was restored
// may still lie in memory (the changelog has it).
absl::StatusOr<std::unique_ptr<TaskStores>> OpenAndRestore(const RestoreRequest& request);

}  // namespace millrace
