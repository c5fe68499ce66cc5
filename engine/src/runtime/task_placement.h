// Where tasks go: pure functions.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "millrace/ids.h"

namespace millrace {

// Tasks in the order of their numbers in a TaskGroup: by partition, then sub-topology, so that any
// run of neighbours mixes the sub-topologies.
std::vector<TaskId> InGroupOrder(std::vector<TaskId> tasks);

// Spreads `tasks` over `threads` threads, and those of each sub-topology, which cost alike, as
// evenly as all of them; moves as few of those that have a thread already (`current`, task ->
// thread) as that allows.
std::map<TaskId, int> PlaceOnThreads(const std::set<TaskId>& tasks,
                                     const std::map<TaskId, int>& current, int threads);

// The member that the range assignor gives a task to: contiguous ranges in the order of members,
// the first ones one longer.
int RangeOwner(int32_t task, int32_t tasks, int members);

// The tasks that `self` should keep standbys of, when each task has `replicas` of them: those that
// the range assignor would give to `self` if their owner left; for the second replica, if the first
// one left as well, and so on. `members`: the members in the assignor's order.
std::vector<int32_t> StandbysOf(int self, int members, int32_t tasks, int replicas);

}  // namespace millrace
