#include "runtime/input_watch.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "millrace/status.h"

namespace millrace {

InputWatch::InputWatch(InputWatchOptions options) : options_(std::move(options)) {
  for (const TopicPartition& input : options_.inputs) {
    size_t& partitions = planned_[input.topic];
    partitions = std::max(partitions, static_cast<size_t>(input.partition.value()) + 1);
  }
  thread_ = std::thread([this] { Run(); });
}

InputWatch::~InputWatch() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopped_.notify_all();
  thread_.join();
}

void InputWatch::Run() {
  std::unique_lock lock(mutex_);
  while (!stopped_.wait_for(lock, options_.every, [this] { return stop_; })) {
    lock.unlock();
    // What else goes wrong, those who read notice as well.
    if (absl::Status checked = Check(); absl::IsFailedPrecondition(checked)) {
      return options_.on_growth(checked);
    }
    lock.lock();
  }
}

absl::Status InputWatch::Check() {
  for (const auto& [topic, partitions] : planned_) {
    MR_ASSIGN_OR_RETURN(const std::vector<PartitionDescription> now,
                        options_.log->DescribePartitions(topic));
    if (now.size() <= partitions) continue;
    return absl::FailedPreconditionError(absl::StrCat(
        "input '", topic, "' has ", now.size(), " partitions now and had ", partitions,
        " when this worker started; the new ones are not read. Stop all workers of application '",
        options_.application, "' and start them again: that plans the tasks anew, or says what ",
        "stands in the way"));
  }
  return absl::OkStatus();
}

}  // namespace millrace
