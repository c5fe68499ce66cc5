// Jobs: what a partition of users still has to do, in turns. Task thread only; durable with the
// task's commit, so that a job goes on where its last committed slice ended.
#pragma once

#include <cstdint>
#include <optional>

#include "millrace/metrics.h"
#include "topologies/feed-fan-out/user_output.h"
#include "topologies/feed-fan-out/user_rows.h"

namespace millrace::topologies::feed {

class Jobs {
 public:
  void Open(UserContext& context);

  bool empty() const { return active_ == 0; }
  std::optional<Job> Get(const JobKey& key) const;
  // Begins a job; one of the same name stops. True if there was none.
  bool Start(const JobKey& key, const Job& job);
  // Says how far it has come.
  void Put(const JobKey& key, const Job& job);
  void End(const JobKey& key);

  // The job whose turn it is: each gets a slice before one gets the second. REQUIRES: !empty().
  JobKey TakeTurn();

  void ReportAge();

 private:
  KeyValueStore<JobKey, Job> jobs_;
  UserContext* context_ = nullptr;
  int64_t active_ = 0;
  JobKey last_turn_;
  Gauge* active_gauge_ = nullptr;
  Gauge* oldest_gauge_ = nullptr;
};

}  // namespace millrace::topologies::feed
