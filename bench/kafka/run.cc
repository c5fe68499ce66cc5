#include "bench/kafka/run.h"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "bench/kafka/timed_log.h"
#include "millrace/metrics.h"
#include "millrace/status.h"

namespace millrace::bench::kafka {
namespace {

int64_t Sum(const MetricsRegistry& metrics, const std::string& name) {
  double sum = 0;
  for (const MetricSample& sample : metrics.Snapshot()) {
    if (sample.name == name) sum += sample.value;
  }
  return static_cast<int64_t>(sum);
}

// Says what has changed since the last time.
class ProgressLines {
 public:
  explicit ProgressLines(Engine* engine) : engine_(engine), metrics_(engine->metrics()) {}

  void Update() {
    if (!running_ && AllRun()) {
      const int64_t restored = Sum(*metrics_, "millrace_records_restored_total");
      if (restored > 0) std::printf("restored %lld\n", static_cast<long long>(restored));
      std::printf("running\n");
      running_ = true;
    }
    const int64_t processed = Sum(*metrics_, "millrace_records_processed_total");
    if (processed != processed_) std::printf("processed %lld\n", static_cast<long long>(processed));
    processed_ = processed;
    std::fflush(stdout);
  }

 private:
  bool AllRun() const {
    const std::vector<TaskStatus> tasks = engine_->tasks();
    const auto runs = [](const TaskStatus& task) { return task.state != kRestoring; };
    return !tasks.empty() && std::all_of(tasks.begin(), tasks.end(), runs);
  }

  static constexpr TaskStatus::State kRestoring = TaskStatus::State::kRestoring;
  Engine* const engine_;
  const MetricsRegistry* const metrics_;
  bool running_ = false;
  int64_t processed_ = 0;
};

}  // namespace

absl::Status RunTopology(const RunOptions& options, Log* log, const std::function<bool()>& stop) {
  CommitTimes commits;
  const std::unique_ptr<Log> timed = NewTimedLog(log, &commits);
  MR_ASSIGN_OR_RETURN(const Topology topology, BuildTopology(options.topology));
  MR_ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine,
                      Engine::Create(topology, timed.get(), options.engine));
  MR_RETURN_IF_ERROR(engine->Start());
  ProgressLines progress(engine.get());
  const auto ended = [&] {
    progress.Update();
    return stop() || !engine->status().ok();
  };
  if (options.until_idle) {
    const absl::Status idle = WaitUntilIdle({engine.get()}, ended);
    if (!absl::IsCancelled(idle)) MR_RETURN_IF_ERROR(idle);
  } else {
    while (!ended()) {
    }
  }
  MR_RETURN_IF_ERROR(engine->Stop());
  progress.Update();
  std::printf("commits %lld p50 %.3f p99 %.3f\n", static_cast<long long>(commits.count()),
              commits.Quantile(0.5), commits.Quantile(0.99));
  std::printf("stopped\n");
  return absl::OkStatus();
}

}  // namespace millrace::bench::kafka
