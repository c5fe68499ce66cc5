// ViewRegistry: which committed state may be read from other threads right now.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <shared_mutex>
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
    bool go_on = true;
    return ForEach(subtopology, &go_on, [&](const TaskId&, CommittedView* view) {
      return view->Scan(store, [&](std::string_view key, std::string_view value, Timestamp time) {
        return go_on = visit(key, value, time);
      });
    });
  }
  // Reads the store in the tasks that the query is about. Unavailable: none of them is here.
  absl::Status Read(int32_t subtopology, const StoreQuery& query, const StoreVisit& visit) {
    bool go_on = true;
    bool any = false;
    absl::Status status =
        ForEach(subtopology, &go_on, [&](const TaskId& task, CommittedView* view) {
          if (query.partition.has_value() && task.partition != *query.partition) {
            return absl::OkStatus();
          }
          any = true;
          return view->Read(query, [&](const StoreQueryRow& row) { return go_on = visit(row); });
        });
    if (status.ok() && !any) {
      return absl::UnavailableError("store '" + query.store + "': no task that has it runs here");
    }
    return status;
  }

 private:
  // Until *go_on is false. Readers do not wait for each other.
  template <class Body>
  absl::Status ForEach(int32_t subtopology, const bool* go_on, Body body) {
    const std::shared_lock lock(mutex_);
    for (const auto& [task, view] : views_) {
      if (task.subtopology != subtopology || !*go_on) continue;
      absl::Status status = body(task, view);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  std::shared_mutex mutex_;
  std::map<TaskId, CommittedView*> views_;
};

}  // namespace millrace
