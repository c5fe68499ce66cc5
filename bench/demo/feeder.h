// Feeder: puts a source's records into the change topics, on a thread of its own, and goes on where
// an earlier run was killed: what the topics hold says how far it was.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <thread>

#include "absl/status/status.h"
#include "bench/demo/change_source.h"
#include "millrace/log.h"

namespace millrace::demo {

class Feeder {
 public:
  // Both are borrowed. Skips as many records of the source as the topics hold.
  Feeder(Log* log, ChangeSource* source);
  ~Feeder();

  // Creates the topics. How many records they hold already.
  absl::StatusOr<int64_t> Prepare(int partitions);
  void Start();
  void Stop();

  // Records in the topics: durable ones only.
  int64_t committed() const { return committed_; }
  bool done() const { return done_; }
  absl::Status status() const;

 private:
  absl::Status Run();

  Log* const log_;
  ChangeSource* const source_;
  int64_t skip_ = 0;
  std::atomic<int64_t> committed_{0};
  std::atomic<bool> done_{false};
  std::atomic<bool> stop_{false};
  std::thread thread_;
  mutable std::mutex mutex_;
  absl::Status status_;
};

}  // namespace millrace::demo
