// TaskGroup: this process's membership in the group that shares an application's tasks. Logs that
// several processes write at once (Kafka) have groups; with the others all tasks are this process's
// (Log::HasTaskGroups).
//
// The group moves tasks in steps, and waits for every member at each of them:
//   kRevoked   the tasks may go to another member: finish or drop their open transactions, stop
//              working on them, keep their state, then Acknowledge().
//   kAssigned  all tasks that are this member's now: take up new ones, close those that are gone,
//              then Acknowledge().
//   kLost      the group went on without this member: another one may own the tasks already. Drop
//              their open transactions, then Acknowledge(). A kAssigned follows.
//
// Owned by the caller; must not outlive the Log. Destroying it ends the membership.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "millrace/ids.h"
#include "millrace/time.h"

namespace millrace {

struct TaskGroupOptions {
  std::string group;  // the application id
  // The tasks are 0 … tasks-1. Members that disagree about what these are must not share a group:
  // `plan` tells the plans of an application apart ([a-z0-9]+).
  int32_t tasks = 0;
  std::string plan;
  // Kept over restarts of the same process: then a restart within `session_timeout` moves no task.
  // Empty: a new member each time.
  std::string instance_id;
  Duration session_timeout{6000};
  Duration heartbeat_interval{500};
};

struct TaskGroupEvent {
  enum class Kind { kNone, kRevoked, kAssigned, kLost };
  Kind kind = Kind::kNone;
  std::vector<int32_t> tasks;  // ascending
  std::string reason;          // for people: why the group moves
};

// A group by the log's account of it.
struct GroupMember {
  std::string member_id;
  std::string instance_id;  // empty: a member without one
  std::string host;
  std::vector<TopicPartition> assigned;
};
struct GroupDescription {
  std::string state;  // "Stable", "Empty", …; empty: the log keeps no members
  std::string assignor;
  std::vector<GroupMember> members;
};

struct TaskGroupMember {
  std::string instance_id;  // empty: a member without one
  std::string host;
  std::vector<int32_t> tasks;
  bool is_this = false;
};

class TaskGroup {
 public:
  virtual ~TaskGroup() = default;

  // The next step, or kNone when `timeout` has passed. Must be called often: a member that is not
  // heard of within the log's poll interval is thrown out. One thread. Aborted: another process
  // with this instance_id took the place; nothing of this one can be committed any more.
  virtual absl::StatusOr<TaskGroupEvent> Poll(Duration timeout) = 0;

  // Lets the group go on behind the step that Poll() gave last. The thread of Poll().
  virtual absl::Status Acknowledge() = 0;

  // Ends the membership at once, also where static members are kept for their return; without it a
  // static member's tasks wait for it for `session_timeout`. The thread of Poll().
  virtual absl::Status Leave() = 0;

  // For CommitRequest::member. Thread-safe. Unavailable: not a member at the moment, so that no
  // commit may go out.
  virtual absl::StatusOr<std::string> Identity() const = 0;

  // All members by the log's account. Thread-safe; asks the log.
  virtual absl::StatusOr<std::vector<TaskGroupMember>> Members() = 0;
};

}  // namespace millrace
