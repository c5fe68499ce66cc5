// InputWatch: asks the log every now and then whether an input has got more partitions than the
// tasks were planned for. In a thread of its own: while the log does not answer, nobody else waits.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "millrace/log.h"

namespace millrace {

struct InputWatchOptions {
  std::string application;
  std::vector<TopicPartition> inputs;  // as planned
  Duration every{30'000};
  Log* log = nullptr;
  // FailedPrecondition: there are partitions that nobody reads. Once, on the thread, which then
  // ends.
  std::function<void(const absl::Status&)> on_growth;
};

class InputWatch {
 public:
  // Starts the thread.
  explicit InputWatch(InputWatchOptions options);
  // Waits for a question that is under way.
  ~InputWatch();
  InputWatch(const InputWatch&) = delete;
  InputWatch& operator=(const InputWatch&) = delete;

 private:
  void Run();
  absl::Status Check();

  const InputWatchOptions options_;
  std::map<std::string, size_t> planned_;  // partitions by topic
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace millrace
