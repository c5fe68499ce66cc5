// WindowRows: the rows of a windowed aggregation in its window store, and what comes out of it:
// every update, or every window once, when it is closed. Shared by the operators, which differ in
// which windows a record belongs to. Owned by the operator. Thread: the task's.
#pragma once

#include "millrace/detail/operators.h"
#include "processor/emitted_time.h"
#include "processor/late_records.h"

namespace millrace::detail {

// `end` is what the window's key shows; whether it is within the window is the operator's affair.
struct WindowBounds {
  Timestamp start;
  Timestamp end;
};

class WindowRows {
 public:
  explicit WindowRows(WindowFold fold)
      : fold_(std::move(fold)), emitted_(fold_.emitted_store), late_(fold_.late) {}
  void Init(ErasedContext* context);

  ErasedWindowStore* store() { return store_; }
  const Aggregation& aggregation() const { return fold_.aggregation; }
  const LateRecords& late() const { return late_; }
  bool emits_before_update() const { return fold_.emit_before_update; }

  // What a row starts from; null if it starts from null. Valid until the next call.
  const void* Initial();
  // Folds the record into the window's row, which was `row` so far (no value: there was none), and
  // passes the update on. `row` may be lent by the store.
  void Update(const ErasedRecord& record, WindowBounds window, const StoredValue& row);
  // The same for a window without a row that starts from `before`.
  void Start(const ErasedRecord& record, WindowBounds window, const StoredValue& before);
  // Makes a row that is not caused by the record's value.
  void Insert(const ErasedRecord& record, WindowBounds window, const StoredValue& row);

  // Passes on the windows that start at or before `last_start` and have not come out yet, in the
  // order of start, then key. Does nothing where every update comes out.
  // Returns whether any did.
  bool EmitClosed(const ErasedRecord& record, Timestamp last_start, Duration length);

 private:
  void Fold(const ErasedRecord& record, WindowBounds window, const void* before,
            Timestamp timestamp, bool is_new);
  void Forward(const ErasedRecord& record, WindowBounds window, const StoredValue& row,
               const void* old_value);
  // A row lent by the store does not outlive the next call.
  const void* Keep(const void* row) {
    old_.Assign(fold_.aggregation.codec, row);
    return old_.get();
  }

  WindowFold fold_;
  EmittedTime emitted_;
  LateRecords late_;
  ErasedContext* context_ = nullptr;
  ErasedWindowStore* store_ = nullptr;
  ErasedValue window_key_;
  ErasedValue initial_;
  ErasedValue after_;
  ErasedValue old_;
};

}  // namespace millrace::detail
