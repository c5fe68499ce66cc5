// A worker of the campaign: runs the topology until it kills itself or is told to end: by SIGTERM,
// which keeps its place in the group, or by SIGUSR2, which gives it up.
//   campaign_worker --log URL --state DIR --page FILE --dump FILE …
// MILLRACE_CRASH_POINT: see crash_plan.h. On SIGUSR1, and when it ends by --until-idle 1, it writes
// the rows of its stores to --dump, a line each: store, key and value in hexadecimal.
#include <pthread.h>
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/text.h"
#include "integration/kafka/campaign/arguments.h"
#include "integration/kafka/campaign/crash_plan.h"
#include "integration/kafka/campaign/open_log.h"
#include "integration/kafka/campaign/topology.h"
#include "integration/kafka/campaign/worker_page.h"
#include "millrace/engine.h"

namespace millrace::campaign {
namespace {

absl::StatusOr<CrashPlan> PlanFromEnvironment() {
  const char* text = std::getenv("MILLRACE_CRASH_POINT");
  if (text == nullptr || *text == '\0') return CrashPlan();
  return CrashPlan::Parse(text);
}

int64_t Sum(const MetricsRegistry& metrics, const std::string& name) {
  double sum = 0;
  for (const MetricSample& sample : metrics.Snapshot()) {
    if (sample.name == name) sum += sample.value;
  }
  return static_cast<int64_t>(sum);
}

// The file appears when it is complete.
absl::Status DumpStores(const std::string& file, Engine* engine) {
  const std::string unfinished = file + ".new";
  std::ofstream out(unfinished);
  for (const char* store : {"fold-by-group", "next-id", "per-second", "owner-of-key"}) {
    MR_RETURN_IF_ERROR(
        engine->ScanStore(store, [&](std::string_view key, std::string_view value, Timestamp) {
          out << store << ' ' << absl::BytesToHexString(AbslView(key)) << ' '
              << absl::BytesToHexString(AbslView(value)) << '\n';
          return true;
        }));
  }
  out.close();
  if (!out || std::rename(unfinished.c_str(), file.c_str()) != 0) {
    return absl::UnavailableError(absl::StrCat("cannot write ", file));
  }
  return absl::OkStatus();
}

bool Restores(const Engine& engine) {
  const std::vector<TaskStatus> tasks = engine.tasks();
  return std::any_of(tasks.begin(), tasks.end(), [](const TaskStatus& task) {
    return task.state == TaskStatus::State::kRestoring;
  });
}

// Until a signal to end or the engine's error; dumps meanwhile when it is told to, with the rows of
// all of its tasks. Stops the engine.
absl::Status Supervise(const std::string& dump, const sigset_t& signals, WorkerPage* page,
                       Engine* engine) {
  bool must_dump = false;
  while (engine->status().ok()) {
    const timespec wait = {.tv_sec = 0, .tv_nsec = 100'000'000};
    const int signal = ::sigtimedwait(&signals, nullptr, &wait);
    page->restored = Sum(*engine->metrics(), "millrace_records_restored_total");
    must_dump |= signal == SIGUSR1;
    if (must_dump && !Restores(*engine)) {
      MR_RETURN_IF_ERROR(DumpStores(dump, engine));
      must_dump = false;
    }
    if (signal == SIGUSR2) {
      return engine->Leave();
    } else if (signal > 0 && signal != SIGUSR1) {
      break;
    }
  }
  return engine->Stop();
}

absl::Status Run(Arguments arguments, const sigset_t& signals) {
  MR_ASSIGN_OR_RETURN(const std::string url, arguments.Required("log"));
  MR_ASSIGN_OR_RETURN(const std::string state, arguments.Required("state"));
  MR_ASSIGN_OR_RETURN(const std::string page_file, arguments.Required("page"));
  MR_ASSIGN_OR_RETURN(const std::string dump, arguments.Required("dump"));
  const bool until_idle = arguments.Number("until-idle", 0) != 0;
  EngineOptions options;
  options.application_id = arguments.Text("app", "campaign");
  options.state_directory = state;
  options.threads = static_cast<int>(arguments.Number("threads", 2));
  options.commit_interval = Duration(arguments.Number("commit-ms", 100));
  options.default_partitions = static_cast<int>(arguments.Number("partitions", 4));
  options.instance_id = arguments.Text("instance", "");
  options.session_timeout = Duration(arguments.Number("session-ms", 6'000));
  options.standby_replicas = static_cast<int>(arguments.Number("standbys", 0));
  kafka::KafkaOptions kafka = WarningsToStderr();
  kafka.epoch_guard = arguments.Number("guard", 1) != 0;
  kafka.transaction_timeout = Duration(arguments.Number("transaction-timeout-ms", 10'000));
  MR_RETURN_IF_ERROR(arguments.NothingElse());

  MR_ASSIGN_OR_RETURN(CrashPlan plan, PlanFromEnvironment());
  MR_ASSIGN_OR_RETURN(const std::unique_ptr<WorkerPageWriter> page,
                      WorkerPageWriter::Open(page_file));
  InstallCrashHook([&](CrashPoint point) {
    if (point == CrashPoint::kAfterLogCommit) page->Committed();
    plan.Reached(point);
  });
  MR_ASSIGN_OR_RETURN(const Topology topology,
                      BuildTopology({.task_begins = [&] { page->TaskBegins(); },
                                     .record_begins =
                                         [&] {
                                           page->RecordBegins();
                                           plan.Reached("polled");
                                         },
                                     .record_written = [&] { plan.Reached("processed"); }}));
  MR_ASSIGN_OR_RETURN(const std::unique_ptr<Log> log, OpenLogOf(url, kafka));
  MR_ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine,
                      Engine::Create(topology, log.get(), options));
  MR_RETURN_IF_ERROR(engine->Start());
  if (until_idle) {
    MR_RETURN_IF_ERROR(WaitUntilIdle({engine.get()}));
    MR_RETURN_IF_ERROR(DumpStores(dump, engine.get()));
    MR_RETURN_IF_ERROR(engine->Stop());
  } else {
    MR_RETURN_IF_ERROR(Supervise(dump, signals, &page->page(), engine.get()));
  }
  std::printf("{\"restarts\":%lld,\"commits\":%lld}\n",
              static_cast<long long>(Sum(*engine->metrics(), "millrace_task_restarts_total")),
              static_cast<long long>(Sum(*engine->metrics(), "millrace_commits_total")));
  return absl::OkStatus();
}

}  // namespace
}  // namespace millrace::campaign

int main(int argc, char** argv) {
  // Before the first thread, which inherits the mask: Supervise() takes the signals from the set.
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGTERM);
  ::sigaddset(&signals, SIGINT);
  ::sigaddset(&signals, SIGUSR1);
  ::sigaddset(&signals, SIGUSR2);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  const absl::Status status =
      millrace::campaign::Run(millrace::campaign::Arguments(argc, argv), signals);
  if (!status.ok()) std::fprintf(stderr, "campaign_worker: %s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
