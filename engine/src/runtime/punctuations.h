// Punctuations: the schedules of one task and one clock (stream time or wall clock), kept in the
// order in which they are due. Thread: the task's.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "millrace/detail/erased_processor.h"

namespace millrace {

class Punctuations {
 public:
  using Callback = std::function<void(Timestamp)>;
  // Runs a callback inside its node's error boundary.
  using Runner = std::function<void(int node, const Callback& callback, Timestamp now)>;

  // First due at `first`, then every `interval`.
  std::shared_ptr<detail::PunctuationHandle> Add(int node, Timestamp first, Duration interval,
                                                 Callback callback);

  // When the next one is due; Timestamp::max() if none is scheduled.
  Timestamp next_due() const { return entries_.empty() ? Timestamp::max() : entries_.front()->due; }

  // Runs everything that is due at `now`, in the order of due times, each at most once.
  // Returns whether anything ran.
  bool Run(Timestamp now, const Runner& runner);

 private:
  struct Entry : detail::PunctuationHandle {
    void Cancel() override { cancelled = true; }
    int node = 0;
    Timestamp due;
    Duration interval{0};
    Callback callback;
    bool cancelled = false;
  };
  void Insert(std::shared_ptr<Entry> entry);

  std::vector<std::shared_ptr<Entry>> entries_;  // by due time, then by the time of scheduling
};

}  // namespace millrace
