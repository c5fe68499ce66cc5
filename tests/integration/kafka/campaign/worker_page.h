// What a worker of the campaign lets others see, in a mapped file that outlives kill -9: whether
// each of its threads had begun records that were not committed.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace millrace::campaign {

// rig/worker.py reads the same layout: little-endian, 8 bytes each.
struct WorkerPage {
  static constexpr int kThreads = 64;
  struct Thread {
    std::atomic<int64_t> begun;      // records
    std::atomic<int64_t> committed;  // of them
  };
  std::atomic<int64_t> processing;  // 1 once a record has begun
  std::atomic<int64_t> restored;    // records of stores
  std::atomic<int64_t> threads;     // in use
  Thread of[kThreads];
};

// The slots of the page, by thread. Thread-safe.
class WorkerPageWriter {
 public:
  // Creates the file or clears it. Unavailable: the file cannot be made.
  static absl::StatusOr<std::unique_ptr<WorkerPageWriter>> Open(const std::string& file);
  ~WorkerPageWriter();

  WorkerPage& page() { return *page_; }
  // On a thread of the engine.
  void TaskBegins() { Committed(); }
  void RecordBegins() {
    ++Mine().begun;
    page_->processing = 1;
  }
  void Committed() {
    WorkerPage::Thread& mine = Mine();
    mine.committed = mine.begun.load();
  }

 private:
  explicit WorkerPageWriter(WorkerPage* page) : page_(page) {}
  WorkerPage::Thread& Mine();

  WorkerPage* const page_;
};

}  // namespace millrace::campaign
