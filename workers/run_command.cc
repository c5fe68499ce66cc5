#include <algorithm>
#include <chrono>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "millrace/log_url.h"
#include "millrace/status.h"
#include "runtime/task_plan.h"
#include "signals.h"
#include "topic_commands.h"
#include "topology_commands.h"
#include "worker_host.h"

namespace millrace::worker {
namespace {

absl::StatusOr<std::vector<Topology>> Select(const RunCommand& command,
                                             const std::vector<Topology>& topologies) {
  const auto& names = command.topologies;
  if (names.empty() || std::find(names.begin(), names.end(), "all") != names.end()) {
    return topologies;
  }
  std::vector<Topology> selected;
  for (const std::string& name : names) {
    MR_ASSIGN_OR_RETURN(const Topology* topology, FindTopology(topologies, name));
    const bool again = std::any_of(selected.begin(), selected.end(),
                                   [&](const Topology& other) { return other.name() == name; });
    if (!again) selected.push_back(*topology);
  }
  return selected;
}

EngineOptions OptionsFor(const RunCommand& command, const std::string& state_directory,
                         MetricsRegistry* metrics, const std::shared_ptr<StateCache>& state_cache) {
  EngineOptions options;
  options.application_id = command.application_id;
  options.state_directory = state_directory;
  options.metrics = metrics;
  options.state_cache = state_cache;
  options.accept_state_loss = command.accept_state_loss;
  options.auto_create_topics = command.missing_topics == "create";
  if (command.max_skew == "off") options.max_skew = std::nullopt;
  if (!command.max_skew.empty() && command.max_skew != "off") {
    options.max_skew = *ParseDuration(command.max_skew);
  }
  options.instance_id = command.instance_id;
  options.standby_replicas = command.standby_replicas.value_or(0);
  if (command.session_timeout.has_value()) options.session_timeout = *command.session_timeout;
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  options.threads = command.threads.value_or(std::max(cores, 1));
  if (command.partitions.has_value()) options.default_partitions = *command.partitions;
  if (command.commit_interval.has_value()) options.commit_interval = *command.commit_interval;
  return options;
}

// Says every second, on a terminal, how far the run is.
class ProgressLine {
 public:
  ProgressLine(const MetricsRegistry* metrics, CommandIo* io)
      : metrics_(metrics), io_(io), started_(Clock::System()->Monotonic()), last_(started_) {}

  void Update() {
    const std::chrono::nanoseconds now = Clock::System()->Monotonic();
    if (!io_->OutputIsTerminal() || now - last_ < std::chrono::seconds(1)) return;
    const int64_t records = Processed();
    const std::chrono::duration<double> step = now - last_;
    io_->WriteError(absl::StrFormat("\r%d records processed, %.0f/s \033[K", records,
                                    static_cast<double>(records - last_records_) / step.count()));
    last_records_ = records;
    last_ = now;
    shown_ = true;
  }

  void Finish() {
    const std::chrono::duration<double> took = Clock::System()->Monotonic() - started_;
    io_->WriteError(absl::StrFormat("%s%d records processed in %.1f s\n", shown_ ? "\r\033[K" : "",
                                    Processed(), took.count()));
  }

 private:
  int64_t Processed() const {
    double sum = 0;
    for (const MetricSample& sample : metrics_->Snapshot()) {
      if (sample.name == "millrace_records_processed_total") sum += sample.value;
    }
    return static_cast<int64_t>(sum);
  }

  const MetricsRegistry* const metrics_;
  CommandIo* const io_;
  const std::chrono::nanoseconds started_;
  std::chrono::nanoseconds last_;
  int64_t last_records_ = 0;
  bool shown_ = false;
};

// What a topology writes is its own to make; what it reads may have been misspelt.
absl::Status CreateOutputs(const Topology& topology, int32_t partitions, Log& log) {
  for (const std::string& sink : SinkTopics(topology.data())) {
    const absl::Status found = log.DescribeTopic(sink).status();
    if (!absl::IsNotFound(found)) {
      MR_RETURN_IF_ERROR(found);
      continue;
    }
    const absl::Status made = log.CreateTopic(sink, {.partitions = partitions});
    if (!absl::IsAlreadyExists(made)) MR_RETURN_IF_ERROR(made);
  }
  return absl::OkStatus();
}

// Until every topic that the topology reads is there. Cancelled: the user stopped it.
absl::Status AwaitInputs(const Topology& topology, Log& log, CommandIo& io) {
  constexpr Duration kBetweenLooks(500);
  const std::vector<std::string> names = SourceTopics(topology.data());
  std::string told;
  while (true) {
    std::vector<std::string> missing;
    for (const std::string& name : names) {
      const absl::Status found = log.DescribeTopic(name).status();
      if (absl::IsNotFound(found)) missing.push_back(name);
      if (!found.ok() && !absl::IsNotFound(found)) return found;
    }
    if (missing.empty()) return absl::OkStatus();
    const std::string text = absl::StrJoin(missing, ", ");
    if (text != told) {
      io.WriteError(absl::StrCat("topology '", topology.name(), "' waits for topics that are not ",
                                 "there: ", text, " (--missing-topics create makes them)\n"));
    }
    told = text;
    if (WaitForStop(kBetweenLooks))
      return absl::CancelledError("stopped while topics were missing");
  }
}

absl::Status StartEngines(const RunCommand& command, const std::vector<Topology>& selected,
                          MetricsRegistry* metrics, WorkerHost* host) {
  if (selected.size() > 1 && !command.application_id.empty()) {
    return absl::InvalidArgumentError(
        "--app names one application; run the topologies in processes of their own, or without it");
  }
  const std::shared_ptr<StateCache> cache =
      StateCache::Create(command.state_cache.value_or(selected.size() * StateCache::kUsualBytes));
  for (const Topology& topology : selected) {
    MR_ASSIGN_OR_RETURN(std::unique_ptr<Engine> engine,
                        Engine::Create(topology, &host->log,
                                       OptionsFor(command, host->state_directory, metrics, cache)));
    absl::Status started = engine->Start();
    if (!started.ok()) {
      return absl::Status(started.code(), absl::StrCat("cannot start '", topology.name(),
                                                       "': ", std::string(started.message())));
    }
    host->engines.push_back(std::move(engine));
  }
  return absl::OkStatus();
}

// Until a signal, an engine's error or, if asked for, the end of all input.
absl::Status Supervise(const RunCommand& command, const WorkerHost& host, ProgressLine* progress) {
  std::vector<Engine*> engines;
  for (const auto& engine : host.engines) engines.push_back(engine.get());
  const auto stop = [progress] {
    progress->Update();
    return StopRequested();
  };
  if (command.until_idle) {
    const absl::Status idle = WaitUntilIdle(engines, stop);
    return absl::IsCancelled(idle) ? absl::OkStatus() : idle;
  }
  while (!WaitForStop(std::chrono::milliseconds(200))) {
    progress->Update();
    for (Engine* engine : engines) MR_RETURN_IF_ERROR(engine->status());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Log>> OpenForRun(const std::string& log_url) {
  absl::StatusOr<std::unique_ptr<Log>> log = OpenLog(log_url);
  if (!absl::IsFailedPrecondition(log.status())) return log;
  return absl::FailedPreconditionError(absl::StrCat(
      std::string(log.status().message()), "; one process runs all topologies of a log: stop that ",
      "one and name them all here, or use another --log"));
}

absl::Status Run(RunCommand command, const Invocation& invocation,
                 const std::vector<Topology>& topologies, CommandIo& io) {
  if (command.missing_topics.empty()) {
    command.missing_topics = LocalDirectory(invocation.log_url).has_value() ? "create" : "wait";
  }
  MR_ASSIGN_OR_RETURN(std::vector<Topology> selected, Select(command, topologies));
  MR_ASSIGN_OR_RETURN(std::unique_ptr<Log> log, OpenForRun(invocation.log_url));
  const TypeCatalog catalog(topologies);
  MetricsRegistry metrics;
  WorkerHost host{topologies, catalog, *log, StateDirectory(invocation), {}};
  if (command.missing_topics == "wait") {
    // Whoever is to make them may need this process, which holds the log.
    const absl::StatusOr<std::unique_ptr<ControlServer>> server =
        ServeOthers(invocation.log_url, &host);
    const int32_t partitions = command.partitions.value_or(EngineOptions().default_partitions);
    for (const Topology& topology : selected) {
      MR_RETURN_IF_ERROR(CreateOutputs(topology, partitions, *log));
    }
    for (const Topology& topology : selected) MR_RETURN_IF_ERROR(AwaitInputs(topology, *log, io));
  }
  absl::Status status = StartEngines(command, selected, &metrics, &host);
  const bool started = status.ok();
  ProgressLine progress(&metrics, &io);
  if (started) {
    MR_ASSIGN_OR_RETURN(const std::unique_ptr<ControlServer> server,
                        ServeOthers(invocation.log_url, &host));
    std::vector<std::string> names;
    for (const Topology& topology : selected) names.push_back(topology.name());
    io.WriteError(absl::StrCat("running ", absl::StrJoin(names, ", "), " on ", invocation.log_url,
                               ", state in ", host.state_directory,
                               command.until_idle ? "" : " (Ctrl-C stops)", "\n"));
    status = Supervise(command, host, &progress);
  }
  for (const auto& engine : host.engines) {
    status.Update(command.leave ? engine->Leave() : engine->Stop());
  }
  if (started) progress.Finish();
  return status;
}

}  // namespace

int RunWorker(const RunCommand& command, const Invocation& invocation,
              const std::vector<Topology>& topologies, CommandIo& io) {
  const absl::Status status = Run(command, invocation, topologies, io);
  return status.ok() ? 0 : Fail(io, status);
}

}  // namespace millrace::worker
