#include "runtime/task_metrics.h"

namespace millrace {

TaskMetrics::TaskMetrics(MetricsRegistry* metrics, const std::string& topology, int thread)
    : registry(metrics) {
  const MetricLabels base = {{"topology", topology}, {"thread", std::to_string(thread)}};
  const auto with = [&base](const char* name, const char* value) {
    MetricLabels labels = base;
    labels[name] = value;
    return labels;
  };
  processed = registry->counter("millrace_records_processed_total", base);
  produced = registry->counter("millrace_records_produced_total", base);
  const auto drop = [&](const char* reason) {
    return registry->counter("millrace_records_dropped_total", with("reason", reason));
  };
  dropped = {drop("null_key"), drop("null_value"), drop("late"), drop("expired"),
             drop("duplicate")};
  dropped_negative_time = drop("negative_time");
  poison_skipped = registry->counter("millrace_poison_records_total", with("action", "skip"));
  poison_dead_letter =
      registry->counter("millrace_poison_records_total", with("action", "dead_letter"));
  commits = registry->counter("millrace_commits_total", base);
  restored = registry->counter("millrace_records_restored_total", base);
  quarantined = registry->counter("millrace_state_quarantined_total", base);
  restarts = registry->counter("millrace_task_restarts_total", base);
  commit_seconds = registry->histogram("millrace_commit_seconds", base);
}

}  // namespace millrace
