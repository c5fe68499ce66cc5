// GlobalState: the global stores of one engine, and their one reader. It has no thread of its own:
// Step() is one round, called by the engine's thread for it and by the TopologyDriver.
//
// Steps that read a global store run only once ready() is true: when it holds what was in the
// topics when Start() was called. Later it goes on beside them, in no order with what they process.
// Thread: one at a time, but for what says otherwise. It must outlive the workers.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "millrace/topology.h"
#include "runtime/global_task.h"

namespace millrace {

class GlobalState {
 public:
  // Everything borrowed must outlive it. `env` lacks the reader.
  GlobalState(Topology topology, GlobalEnvironment env);
  ~GlobalState();

  // Opens the stores. Does not wait until they are ready.
  absl::Status Start();
  // Takes up to about `max_records` records and says how many that were. An error: it has stopped;
  // what was taken so far can still be read.
  absl::StatusOr<int> Step(int max_records);
  absl::Status Stop();

  // Waits for new records, or for Wake() (any thread); at most `longest`.
  void WaitForWork(Duration longest);
  void Wake();

  // The rest from any thread, after Start().
  bool empty() const { return tasks_.empty(); }
  bool ready() const;
  absl::StatusOr<bool> CaughtUp();
  // Not OK once a read has failed: tasks that read since then must not commit.
  absl::Status health();
  // REQUIRES: the topology has that global store.
  std::unique_ptr<GlobalStoreView> NewView(std::string_view store);
  const std::vector<std::unique_ptr<GlobalTask>>& tasks() const { return tasks_; }

 private:
  const Topology topology_;
  GlobalEnvironment env_;
  std::unique_ptr<LogReader> reader_;
  std::vector<std::unique_ptr<GlobalTask>> tasks_;
};

}  // namespace millrace
