#include "runtime/worker_thread.h"

#include <utility>

namespace millrace {
namespace {
constexpr int kRecordsPerStep = 1024;
constexpr Duration kLongestWait{500};
}  // namespace

WorkerThread::WorkerThread(std::unique_ptr<TaskMetrics> metrics,
                           std::unique_ptr<StreamWorker> worker,
                           std::function<void(const absl::Status&)> on_error)
    : metrics_(std::move(metrics)), worker_(std::move(worker)), on_error_(std::move(on_error)) {}

WorkerThread::~WorkerThread() { Stop(); }

absl::Status WorkerThread::Start() {
  absl::Status opened = worker_->OpenReader();
  if (opened.ok()) thread_ = std::thread([this] { Run(); });
  return opened;
}

void WorkerThread::RequestStop() {
  stop_.store(true);
  worker_->Wake();
}

void WorkerThread::Stop() {
  RequestStop();
  if (thread_.joinable()) thread_.join();
}

absl::Status WorkerThread::Call(const Job& job) {
  Order order{.job = &job};
  std::unique_lock lock(mutex_);
  if (ended_) return failed_;
  orders_.push_back(&order);
  has_orders_.store(true);
  worker_->Wake();
  changed_.wait(lock, [&] { return order.done; });
  return order.result;
}

void WorkerThread::Run() {
  absl::Status status = worker_->Start();
  while (status.ok() && !stop_.load(std::memory_order_relaxed)) {
    if (has_orders_.load(std::memory_order_acquire) && RunOrders()) continue;
    const absl::StatusOr<StreamWorker::Progress> progress = worker_->Step(kRecordsPerStep);
    status = progress.status();
    if (status.ok() && !progress->any()) worker_->WaitForWork(kLongestWait);
  }
  if (status.ok()) status = worker_->Stop();
  Fail(status);
}

// Jobs run without the lock: they commit and open stores. An error of theirs is the caller's.
bool WorkerThread::RunOrders() {
  std::vector<Order*> orders;
  {
    const std::lock_guard lock(mutex_);
    orders = std::exchange(orders_, {});
    has_orders_.store(false);
  }
  for (Order* order : orders) {
    absl::Status result = (*order->job)(*worker_);
    const std::lock_guard lock(mutex_);
    order->result = std::move(result);
    order->done = true;
    changed_.notify_all();
  }
  return !orders.empty();
}

void WorkerThread::Fail(const absl::Status& status) {
  if (!status.ok()) on_error_(status);
  const std::lock_guard lock(mutex_);
  ended_ = true;
  failed_ = status.ok() ? absl::CancelledError("the worker has stopped") : status;
  for (Order* order : orders_) {
    order->result = failed_;
    order->done = true;
  }
  orders_.clear();
  changed_.notify_all();
}

}  // namespace millrace
