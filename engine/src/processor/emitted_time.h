// EmittedTime: up to which time the windows of a step have come out. Kept in a store of its own, so
// that each window comes out once over restarts, too. Owned by the operator. Thread: the task's.
#pragma once

#include <string>

#include "millrace/detail/erased_processor.h"
#include "millrace/detail/erased_store.h"

namespace millrace::detail {

// The store that an EmittedTime needs.
StoreSpec EmittedTimeSpec(std::string name, StoreBackendKind backend, bool changelog);

class EmittedTime {
 public:
  // An empty name: the step does not wait for windows to close.
  explicit EmittedTime(std::string store) : name_(std::move(store)) {}
  void Init(ErasedContext* context);

  bool enabled() const { return !name_.empty(); }
  // Before the first window: the time before 0, at which the first one may start or end.
  Timestamp time() const { return time_; }
  // Becomes durable together with what is emitted.
  void Advance(Timestamp time);

 private:
  std::string name_;
  ErasedKeyValueStore* store_ = nullptr;
  Timestamp time_ = kNoTimestamp;
};

}  // namespace millrace::detail
