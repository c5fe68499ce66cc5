#include "bench/e2e/scenario.h"

#include <sys/resource.h>

#include <chrono>
#include <filesystem>

#include "millrace/engine.h"
#include "millrace/local_log.h"
#include "millrace/status.h"

namespace millrace::bench {
namespace {

double CpuSeconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int64_t Sum(const MetricsRegistry& metrics, const std::string& name) {
  double sum = 0;
  for (const MetricSample& sample : metrics.Snapshot()) {
    if (sample.name == name) sum += sample.value;
  }
  return static_cast<int64_t>(sum);
}

absl::StatusOr<Result> MeasureIn(const Scenario& scenario, const std::string& directory) {
  Result result;
  {
    // Loading is not measured, so it need not wait for the disk.
    MR_ASSIGN_OR_RETURN(auto log, LocalLog::Open(directory, {.sync = false}));
    MR_ASSIGN_OR_RETURN(result.input_records, scenario.load(log.get()));
  }
  MR_ASSIGN_OR_RETURN(auto log, LocalLog::Open(directory));
  MetricsRegistry metrics;
  MR_ASSIGN_OR_RETURN(Topology topology, scenario.topology());
  EngineOptions options;
  options.state_directory = directory + "/state";
  options.threads = scenario.threads;
  options.metrics = &metrics;
  MR_ASSIGN_OR_RETURN(auto engine, Engine::Create(topology, log.get(), options));
  const double cpu = CpuSeconds();
  const auto started = std::chrono::steady_clock::now();
  MR_RETURN_IF_ERROR(engine->Start());
  MR_RETURN_IF_ERROR(WaitUntilIdle({engine.get()}));
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
  result.seconds = took.count();
  result.cpu_seconds = CpuSeconds() - cpu;
  result.processed = Sum(metrics, "millrace_records_processed_total");
  result.produced = Sum(metrics, "millrace_records_produced_total");
  MR_RETURN_IF_ERROR(engine->Stop());
  return result;
}

}  // namespace

absl::StatusOr<Result> Measure(const Scenario& scenario, const std::string& root) {
  const std::string directory = root + "/" + scenario.name;
  absl::StatusOr<Result> result = MeasureIn(scenario, directory);
  std::filesystem::remove_all(directory);
  return result;
}

}  // namespace millrace::bench
