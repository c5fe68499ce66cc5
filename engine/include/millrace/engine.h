// Engine: runs one topology on a log, with worker threads and state on disk.
//
//   auto log = LocalLog::Open("data").value();
//   auto engine = Engine::Create(BuildWordCount().value(), log.get(), {.threads = 2}).value();
//   MR_CHECK(engine->Start().ok(), "");  …  engine->Stop();
//
// What is durable when: every `commit_interval` a worker commits outputs, changelogs and consumed
// offsets together (log.h says how durable the log is). kill -9 at any moment loses nothing and
// doubles nothing: the next start goes on from the last commit.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "millrace/log.h"
#include "millrace/metrics.h"
#include "millrace/state_cache.h"
#include "millrace/store_query.h"
#include "millrace/time.h"
#include "millrace/topology.h"

namespace millrace {

struct EngineOptions {
  // Prefix of internal topics, consumer group, folder of the state. Default: the topology's name.
  std::string application_id;
  // State lies in "<state_directory>/<application_id>/". It may be deleted while the engine
  // is stopped: it is rebuilt from the changelogs.
  std::string state_directory = "millrace-state";
  int threads = 1;
  Duration commit_interval{100};
  // Outputs and changed state that a worker holds before it commits early, in bytes.
  size_t max_transaction_bytes = 64 << 20;
  // Rows that each task keeps decoded in memory beside those of the open transaction, in bytes.
  size_t store_buffer_bytes = 16 << 20;
  // RocksDB's memory, of this engine or of several. Null: one of the usual size for this engine.
  std::shared_ptr<StateCache> state_cache;
  // How long a task waits for an empty input while it has records of others. Zero: it takes
  // what the log has now, smallest event time first. Negative: it does not even look.
  Duration max_task_idle{0};
  size_t fetch_bytes = 1 << 20;  // per input partition
  // A record with an event time further ahead of the clock is poison (ErrorPolicy): taken for true,
  // it would close every window and expire all state. Nullopt: no limit, as Kafka Streams.
  std::optional<Duration> max_skew = std::chrono::hours(24);
  // Create missing source and sink topics with `default_partitions` at the start.
  bool auto_create_topics = true;
  int default_partitions = 4;
  // How often the engine looks whether an input has got more partitions. It reads none of these and
  // stops (FailedPrecondition): the next start plans the tasks anew, or says why it cannot.
  Duration metadata_max_age = std::chrono::seconds(30);
  // Start although the topology no longer has a store, or a repartition topic with records in it,
  // that the application has in this log. Their topics are left alone.
  bool accept_state_loss = false;
  // On a log with groups (Kafka): who this process is in the group of its application. Kept over
  // restarts, so that a restart within `session_timeout` moves no task. Default: a random name that
  // is kept in the state directory.
  std::string instance_id;
  // How long the group waits for a member that is not heard of before its tasks go to others.
  Duration session_timeout{6000};
  Duration heartbeat_interval{500};
  // Copies of each task's stores that other members keep up to date, to take over without a
  // restore.
  int standby_replicas = 0;
  const Clock* clock = Clock::System();
  MetricsRegistry* metrics = nullptr;  // borrowed; null: the engine's own
};

// A task that this process has, or keeps a copy of.
struct TaskStatus {
  enum class State { kRunning, kRestoring, kStandby };
  TaskId task;
  State state = State::kRunning;
  int64_t behind = 0;          // offsets of its changelogs; restoring and standby
  int64_t restored = 0;        // records so far
  int64_t restored_bytes = 0;  // of keys and values
  double seconds = 0;          // since the restore began
};

class Engine {
 public:
  // Checks options and topology. InvalidArgument names the option. `log` is borrowed.
  static absl::StatusOr<std::unique_ptr<Engine>> Create(Topology topology, Log* log,
                                                        EngineOptions options);
  // Stops as Stop() does.
  virtual ~Engine() = default;

  // Creates missing topics, restores state, starts the threads. NotFound: a source topic is
  // missing; FailedPrecondition: partition counts do not fit, state would be lost, or it is in use.
  // When it returns OK the restore is done; on a log with groups, the member has begun to join, and
  // tasks() tells how far it is.
  virtual absl::Status Start() = 0;

  // Commits and stops every thread; takes well under 5 s. OK: everything processed is committed.
  // On a log with groups the tasks wait for this instance's return for `session_timeout`.
  virtual absl::Status Stop() = 0;
  // The same, and gives the tasks to the other members of the group at once.
  virtual absl::Status Leave() = 0;

  // Changes the number of worker threads of a started engine; tasks move between them without loss.
  // Takes effect soon. Thread-safe. InvalidArgument: not 1 to 1024.
  virtual absl::Status SetThreads(int threads) = 0;

  // Between the two nothing is processed, and the tasks stay this process's. Thread-safe.
  virtual void Pause() = 0;
  virtual void Resume() = 0;

  // Thread-safe.
  virtual std::vector<TaskStatus> tasks() const = 0;

  // Not OK once a worker has stopped because of an error; names what to do. Thread-safe.
  virtual absl::Status status() const = 0;

  // Whether every input was consumed and committed to its end at some moment of the call, and this
  // engine's stores show it.
  // Thread-safe. Inputs fed by other engines on the same log may grow again: see WaitUntilIdle.
  virtual absl::StatusOr<bool> CaughtUp() = 0;

  // Committed rows of a store on this engine, as (key bytes, value bytes, timestamp), task by
  // task. `visit` returns false to stop. NotFound names the stores that there are. Thread-safe.
  virtual absl::Status ScanStore(
      const std::string& store,
      const std::function<bool(std::string_view key, std::string_view value, Timestamp)>&
          visit) = 0;

  // The committed rows that `query` is about, task by task, as bytes; store_reader.h has types.
  // NotFound names the stores that there are. Thread-safe.
  virtual absl::Status ReadStore(const StoreQuery& query, const StoreVisit& visit) = 0;

  virtual const std::string& application_id() const = 0;
  virtual const Topology& topology() const = 0;
  virtual MetricsRegistry* metrics() = 0;
};

// Blocks until all of these engines have consumed and committed everything that the log holds for
// them, or one has failed (its status), or `stop` returns true (Cancelled).
absl::Status WaitUntilIdle(const std::vector<Engine*>& engines,
                           const std::function<bool()>& stop = nullptr);

}  // namespace millrace
