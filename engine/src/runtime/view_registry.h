// ViewRegistry: which committed state may be read from other threads right now.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "millrace/ids.h"
#include "store/task_stores.h"

namespace millrace {

// Thread-safe. A task that closes waits until nobody reads its view.
class ViewRegistry {
 public:
  // Null removes the task's view.
  void Set(const TaskId& task, CommittedView* view) {
    const std::lock_guard lock(mutex_);
    if (view == nullptr) {
      views_.erase(task);
    } else {
      views_[task] = view;
    }
  }

  // Scans the store in every task of the sub-topology, in the order of partitions.
  absl::Status Scan(
      int32_t subtopology, const std::string& store,
      const std::function<bool(std::string_view, std::string_view, Timestamp)>& visit) {
    const std::lock_guard lock(mutex_);
    bool go_on = true;
    for (const auto& [task, view] : views_) {
      if (task.subtopology != subtopology || !go_on) continue;
      absl::Status status =
          view->Scan(store, [&](std::string_view key, std::string_view value, Timestamp timestamp) {
            go_on = visit(key, value, timestamp);
            return go_on;
          });
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

 private:
  std::mutex mutex_;
  std::map<TaskId, CommittedView*> views_;
};

}  // namespace millrace
