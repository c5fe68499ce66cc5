// LateRecords: what an operator does with records that come too late: they are counted, and go to
// the child of that name if there is one. Owned by the operator. Thread: the task's.
#pragma once

#include <string>
#include <utility>

#include "millrace/detail/erased_processor.h"

namespace millrace::detail {

class LateRecords {
 public:
  // Empty: they are dropped.
  explicit LateRecords(std::string child) : child_(std::move(child)) {}
  void Init(ErasedContext* context) { context_ = context; }

  bool kept() const { return !child_.empty(); }
  void Take(const ErasedRecord& record) const {
    context_->CountDropped(Drop::kLate);
    TakeCounted(record);
  }
  void TakeCounted(const ErasedRecord& record) const {
    if (kept()) context_->ForwardTo(child_, record);
  }

 private:
  std::string child_;
  ErasedContext* context_ = nullptr;
};

}  // namespace millrace::detail
