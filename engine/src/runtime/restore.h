// TaskRestore: brings a task's stores up to their changelogs, a bounded step at a time, and follows
// them from there (a standby never stops following).
//
// A directory that is damaged, or whose position does not lie within its changelog any more, is
// moved aside (never deleted), counted, and rebuilt from the beginning.
// Thread: one at a time, the reader's.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "millrace/detail/topology_data.h"
#include "millrace/log.h"
#include "millrace/metrics.h"
#include "store/store_environment.h"
#include "store/task_stores.h"

namespace millrace {

// Everything is borrowed and must outlive the restore.
struct RestoreRequest {
  std::string directory;
  std::vector<detail::StoreSpec> specs;
  absl::flat_hash_map<std::string, std::string> changelogs;  // store -> topic
  PartitionId partition;
  StoreEnvironment* environment = nullptr;
  Log* log = nullptr;
  LogReader* reader = nullptr;     // assigned to the changelogs while the restore lasts
  Counter* restored = nullptr;     // null: not counted
  Counter* quarantined = nullptr;  // null: not counted
};

// Directory, stores and changelogs of a task; the rest is the caller's to fill in.
RestoreRequest StateOfTask(const detail::TopologyData& data, const std::string& application,
                           const std::string& state_directory, const TaskId& task);

class TaskRestore {
 public:
  // `stores`: what an earlier restore of the same task left; null: opened from the directory.
  explicit TaskRestore(RestoreRequest request, std::unique_ptr<TaskStores> stores = nullptr);
  ~TaskRestore();

  // Opens the stores and learns where the changelogs end: `settled`, behind everything that was
  // written until now, open transactions waited for; else as far as they can be read at the moment.
  // Unavailable: the log is away; try again.
  absl::Status Open(bool settled = false);

  // Applies what the log has now, about one fetch per changelog; returns how many records. Once
  // Reached(), `follow` says whether to go on behind the known ends.
  absl::StatusOr<int> Step(bool follow = false);

  // Asks the log anew where the changelogs end.
  absl::Status RefreshEnds();

  // Whether every store holds its changelog up to the ends that the log named last.
  bool Reached() const { return behind() == 0; }
  int64_t behind() const;                         // in offsets
  int64_t restored() const { return restored_; }  // records, by this object
  int64_t restored_bytes() const { return restored_bytes_; }

  // The stores, each equal to its changelog up to its position; the restore is over.
  std::unique_ptr<TaskStores> Release();

 private:
  struct Changelog {
    std::string store;
    TopicPartition partition;
    Offset next;
    Offset end;
  };
  absl::Status TryOpen();
  absl::Status OpenChangelog(const std::string& store, const TopicPartition& partition);
  absl::StatusOr<PartitionDescription> Bounds(const TopicPartition& partition) const;
  absl::StatusOr<int> TryStep(bool follow);
  absl::Status Rebuild(const absl::Status& cause);
  absl::Status BeginBulk();
  absl::Status EndBulk();
  void Unassign();

  const RestoreRequest request_;
  std::unique_ptr<TaskStores> stores_;
  bool settled_ = false;
  bool bulk_ = false;  // everything is restored, in large runs
  std::vector<Changelog> changelogs_;
  int64_t restored_ = 0;
  int64_t restored_bytes_ = 0;
};

// Opens and restores to the settled end of every changelog. The caller must have fenced every other
// writer of the changelogs. When it returns OK every store equals its changelog; what was restored
// may still lie in memory (the changelog has it). Unavailable: the log gave nothing for half a
// minute.
absl::StatusOr<std::unique_ptr<TaskStores>> RestoreToEnd(
    RestoreRequest request, std::unique_ptr<TaskStores> stores = nullptr);

}  // namespace millrace
