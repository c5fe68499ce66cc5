// WindowedAggregate: folds the records of each key into one row per window that holds them, windows
// of a record in the order of their starts. Every update is passed on, or every window once.
//
// A window [start, end) is closed once end + grace <= the highest timestamp that this operator has
// seen, the current record's included. The check is per window: a record may be late for some of
// its windows only. A late record still moves the time on.
#include <algorithm>
#include <limits>
#include <memory>
#include <utility>

#include "millrace/detail/operators.h"
#include "millrace/status.h"
#include "processor/factory.h"
#include "processor/stream_clock.h"
#include "processor/window_rows.h"

namespace millrace::detail {
namespace {

constexpr Timestamp kForever = TimestampFromMillis(std::numeric_limits<int64_t>::max());

class WindowedAggregate final : public ErasedProcessor {
 public:
  WindowedAggregate(WindowFold fold, TimeWindows windows)
      : rows_(std::move(fold)), windows_(windows) {
    MR_CHECK(windows_.only_start.has_value() ||
                 (Duration(0) < windows_.advance && windows_.advance <= windows_.size),
             "windows advance by more than nothing and at most by their size");
  }

  void Init(ErasedContext* context) override {
    ErasedProcessor::Init(context);
    rows_.Init(context);
    clock_.Init(context);
  }

  void Process(const ErasedRecord& record) override {
    if (record.key == nullptr) return context_->CountDropped(Drop::kNullKey);
    if (record.value == nullptr && !rows_.aggregation().takes_null_values) {
      return context_->CountDropped(Drop::kNullValue);
    }
    if (windows_.only_start.has_value()) return UpdateOnly(record, *windows_.only_start);
    clock_.Advance(record.timestamp);
    if (rows_.emits_before_update()) EmitClosed(record);
    bool kept = false;
    for (Timestamp start = FirstStart(record.timestamp); start <= record.timestamp;
         start += windows_.advance) {
      const Timestamp end = start + windows_.size;
      if (end + windows_.grace <= clock_.now()) {
        context_->CountDropped(Drop::kLate);
        continue;
      }
      kept = true;
      rows_.Update(record, {start, end}, rows_.store()->Fetch(record.key, start));
    }
    if (!kept) rows_.late().TakeCounted(record);
    EmitClosed(record);
  }

  bool OnIdle(Timestamp stream_time) override {
    if (windows_.only_start.has_value()) return false;
    clock_.Advance(stream_time);
    return EmitClosed(ErasedRecord());
  }

 private:
  bool EmitClosed(const ErasedRecord& record) {
    const Duration closed = (clock_.now() - windows_.grace - windows_.size).time_since_epoch();
    if (closed < Duration(0)) return false;
    return rows_.EmitClosed(record, Timestamp(closed / windows_.advance * windows_.advance),
                            windows_.size);
  }
  // The first multiple of `advance`, from the epoch on, whose window holds the timestamp.
  Timestamp FirstStart(Timestamp timestamp) const {
    const Duration since_epoch = timestamp.time_since_epoch();
    const Duration earliest = std::max(Duration(0), since_epoch - windows_.size + windows_.advance);
    return Timestamp(earliest / windows_.advance * windows_.advance);
  }
  // A window without end, which therefore no record is late for.
  void UpdateOnly(const ErasedRecord& record, Timestamp start) {
    if (record.timestamp < start) return rows_.late().Take(record);
    rows_.Update(record, {start, kForever}, rows_.store()->Fetch(record.key, start));
  }

  WindowRows rows_;
  TimeWindows windows_;
  StreamClock clock_;
};

}  // namespace

ProcessorFactory MakeWindowedAggregate(WindowFold fold, TimeWindows windows) {
  return FactoryOf<WindowedAggregate>(std::move(fold), windows);
}

}  // namespace millrace::detail
