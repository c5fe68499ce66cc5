#include "topologies/feed-fan-out/jobs.h"

#include <algorithm>

#include "millrace/status.h"

namespace millrace::topologies::feed {

void Jobs::Open(UserContext& context) {
  jobs_ = context.Store<JobKey, Job>("jobs");
  context_ = &context;
  const MetricLabels labels{{"task", context.task().ToString()}};
  active_gauge_ = context.metrics()->gauge("fanout_jobs_active", labels);
  oldest_gauge_ = context.metrics()->gauge("fanout_oldest_job_seconds", labels);
  for (auto row = jobs_.All(); row.Valid(); row.Next()) ++active_;
  ReportAge();
}

std::optional<Job> Jobs::Get(const JobKey& key) const {
  const auto row = jobs_.Get(key);
  if (!row) return std::nullopt;
  return *row;
}

bool Jobs::Start(const JobKey& key, const Job& job) {
  const bool is_new = !jobs_.Get(key);
  if (is_new) ++active_;
  jobs_.Put(key, job, job.event_time);
  active_gauge_->Set(static_cast<double>(active_));
  return is_new;
}

void Jobs::Put(const JobKey& key, const Job& job) { jobs_.Put(key, job, job.event_time); }

void Jobs::End(const JobKey& key) {
  jobs_.Delete(key);
  --active_;
  active_gauge_->Set(static_cast<double>(active_));
}

JobKey Jobs::TakeTurn() {
  auto row = jobs_.Range(&last_turn_, nullptr);
  if (row.Valid() && row.key() == last_turn_) row.Next();
  if (row.Valid()) return last_turn_ = row.key();
  const auto first = jobs_.All();
  MR_CHECK(first.Valid(), "there are fewer jobs than were counted");
  return last_turn_ = first.key();
}

void Jobs::ReportAge() {
  const Timestamp now = context_->WallClock();
  Timestamp oldest = now;
  for (auto row = jobs_.All(); row.Valid(); row.Next()) {
    oldest = std::min(oldest, row.value().since);
  }
  active_gauge_->Set(static_cast<double>(active_));
  oldest_gauge_->Set(std::chrono::duration<double>(now - oldest).count());
}

}  // namespace millrace::topologies::feed
