// GroupLog: a Log with task groups, for engines of one process that share an application's tasks:
// the eager range protocol of Kafka's classic groups, on top of any log. Commits of members that
// the group has left behind are refused.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "millrace/forwarding_log.h"

namespace millrace {

class GroupLog : public ForwardingLog {
 public:
  using ForwardingLog::ForwardingLog;

  // The group's coordinator stops hearing of a member: its tasks go to the others at once, and it
  // learns of it when it polls next. Thread-safe.
  virtual void Expel(const std::string& group, const std::string& instance_id) = 0;

  // How often members had to give up their tasks, and how many commits were refused because of an
  // old membership. Thread-safe.
  virtual int generation(const std::string& group) const = 0;
  virtual int refused_commits() const = 0;
};

// `log` must outlive the result.
std::unique_ptr<GroupLog> NewGroupLog(Log* log);

}  // namespace millrace
