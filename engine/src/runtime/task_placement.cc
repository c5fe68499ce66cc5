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

namespace {

// The tasks of one thread.
struct Load {
  size_t tasks = 0;
  std::map<int32_t, size_t> of_subtopology;

  void Add(const TaskId& task) {
    ++tasks;
    ++of_subtopology[task.subtopology];
  }
  size_t Of(int32_t subtopology) const {
    const auto found = of_subtopology.find(subtopology);
    return found == of_subtopology.end() ? 0 : found->second;
  }
};

size_t Share(size_t tasks, size_t threads) { return (tasks + threads - 1) / threads; }

}  // namespace

std::map<TaskId, int> PlaceOnThreads(const std::set<TaskId>& tasks,
                                     const std::map<TaskId, int>& current, int threads) {
  std::vector<Load> loads(static_cast<size_t>(threads));
  Load all;
  for (const TaskId& task : tasks) all.Add(task);
  const size_t most = Share(all.tasks, loads.size());
  std::map<TaskId, int> placed;
  for (const auto& [task, thread] : current) {
    if (!tasks.contains(task) || thread >= threads) continue;
    Load& load = loads[static_cast<size_t>(thread)];
    const size_t most_alike = Share(all.Of(task.subtopology), loads.size());
    if (load.tasks == most || load.Of(task.subtopology) == most_alike) continue;
    load.Add(task);
    placed[task] = thread;
  }
  for (const TaskId& task : tasks) {
    if (placed.contains(task)) continue;
    const auto rank = [&](const Load& load) {
      return std::tuple(load.tasks >= most, load.Of(task.subtopology), load.tasks);
    };
    const auto least = std::min_element(
        loads.begin(), loads.end(),
        [&](const Load& one, const Load& other) { return rank(one) < rank(other); });
    least->Add(task);
    placed[task] = static_cast<int>(least - loads.begin());
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
