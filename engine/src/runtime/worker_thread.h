// WorkerThread: a StreamWorker and the thread that drives it. Other threads change the worker only
// through Call(), between two of its rounds.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/stream_worker.h"
#include "runtime/task_metrics.h"

namespace millrace {

class WorkerThread {
 public:
  using Job = std::function<absl::Status(StreamWorker&)>;

  // `on_error`: called on the thread when the worker has stopped with an error.
  WorkerThread(std::unique_ptr<TaskMetrics> metrics, std::unique_ptr<StreamWorker> worker,
               std::function<void(const absl::Status&)> on_error);
  ~WorkerThread();

  // Starts the thread, which first of all fences older workers. Does not wait for that: Call()
  // does.
  absl::Status Start();
  // Commits, closes the tasks, and joins the thread.
  void Stop();
  // Begins to; does not wait.
  void RequestStop();

  // Runs `job` on the thread and returns what it returns; the worker's error once it has stopped.
  absl::Status Call(const Job& job);
  void Wake() { worker_->Wake(); }

 private:
  struct Order {
    const Job* job;
    absl::Status result;
    bool done = false;
  };
  void Run();
  bool RunOrders();
  void Fail(const absl::Status& status);

  const std::unique_ptr<TaskMetrics> metrics_;
  const std::unique_ptr<StreamWorker> worker_;
  const std::function<void(const absl::Status&)> on_error_;
  std::atomic<bool> stop_{false};
  std::atomic<bool> has_orders_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Order*> orders_;
  bool ended_ = false;
  absl::Status failed_;
  std::thread thread_;
};

}  // namespace millrace
