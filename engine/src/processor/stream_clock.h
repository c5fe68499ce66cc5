// StreamClock: the highest timestamp that a step has seen. It outlives restarts, so that a record
// is late, or not, whether or not there was one. Owned by the operator. Thread: the task's.
#pragma once

#include <algorithm>

#include "millrace/detail/erased_processor.h"

namespace millrace::detail {

class StreamClock {
 public:
  // One clock per step.
  void Init(ErasedContext* context) { time_ = context->DurableTime(); }
  Timestamp now() const { return *time_; }
  void Advance(Timestamp time) { *time_ = std::max(*time_, time); }

 private:
  Timestamp* time_ = nullptr;
};

}  // namespace millrace::detail
