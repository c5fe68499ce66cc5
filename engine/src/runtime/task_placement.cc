#include "runtime/task_placement.h"

#include <algorithm>
#include <tuple>

namespace millrace {

std::vector<TaskId> InGroupOrder(std::vector<TaskId> tasks) {
  std::sort(tasks.begin(), tasks.end(), [](const TaskId& a, const TaskId& b) {
    return std::tie(a.partition, a.subtopology) < std::tie(b.partition, b.subtopology);
  });
  return tasks;
}

std::map<TaskId, int> PlaceOnThreads(const std::set<TaskId>& tasks,
                                     const std::map<TaskId, int>& current, int threads) {
  const size_t count = static_cast<size_t>(threads);
  const size_t most = (tasks.size() + count - 1) / count;
  std::vector<size_t> load(count, 0);
  std::map<TaskId, int> placed;
  for (const auto& [task, thread] : current) {
    if (!tasks.contains(task) || thread >= threads) continue;
    size_t& tasks_there = load[static_cast<size_t>(thread)];
    if (tasks_there == most) continue;
    ++tasks_there;
    placed[task] = thread;
  }
  const std::vector<TaskId> ordered = InGroupOrder({tasks.begin(), tasks.end()});
  for (const TaskId& task : ordered) {
    if (placed.contains(task)) continue;
    const auto least = std::min_element(load.begin(), load.end());
    ++*least;
    placed[task] = static_cast<int>(least - load.begin());
  }
  return placed;
}

int RangeOwner(int32_t task, int32_t tasks, int members) {
  const int32_t length = tasks / members;
  const int32_t longer = tasks % members;  // how many ranges have one more
  const int32_t in_longer = longer * (length + 1);
  if (task < in_longer) return task / (length + 1);
  return longer + (task - in_longer) / length;
}

std::vector<int32_t> StandbysOf(int self, int members, int32_t tasks, int replicas) {
  std::vector<int32_t> standbys;
  for (int32_t task = 0; task < tasks; ++task) {
    std::vector<int> alive(static_cast<size_t>(members));
    for (int i = 0; i < members; ++i) alive[static_cast<size_t>(i)] = i;
    for (int replica = 0; replica <= replicas && !alive.empty(); ++replica) {
      const int at = RangeOwner(task, tasks, static_cast<int>(alive.size()));
      const int owner = alive[static_cast<size_t>(at)];
      if (replica > 0 && owner == self) standbys.push_back(task);
      if (owner == self) break;
      alive.erase(alive.begin() + at);
    }
  }
  return standbys;
}

}  // namespace millrace
