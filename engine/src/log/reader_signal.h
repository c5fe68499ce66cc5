// ReaderSignal: where one reader sleeps until a partition of its own has news. A commit touches
// only the signals of readers that are assigned to what it wrote.
#pragma once

#include <condition_variable>
#include <mutex>

#include "millrace/time.h"

namespace millrace {

// Thread-safe.
class ReaderSignal {
 public:
  void Notify() {
    {
      std::lock_guard lock(mutex_);
      pending_ = true;
    }
    changed_.notify_one();
  }

  // Until Notify() was called since the last Wait(), or `timeout` has passed.
  void Wait(Duration timeout) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, timeout, [this] { return pending_; });
    pending_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool pending_ = false;
};

}  // namespace millrace
