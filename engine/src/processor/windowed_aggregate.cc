// WindowedAggregate: folds the records of each key into one row per window that holds them. Every
// update is passed on, windows of a record in the order of their starts.
//
// A window [start, end) is closed once end + grace <= the highest timestamp that this operator has
// seen, the current record's included. The check is per window: a record may be late for some of
// its windows only. A late record still moves the time on.
#include <algorithm>
#include <memory>
#include <utility>

#include "millrace/detail/operators.h"
#include "millrace/status.h"
#include "processor/factory.h"

namespace millrace::detail {
namespace {

class WindowedAggregate final : public ErasedProcessor {
 public:
  WindowedAggregate(Aggregation aggregation, TimeWindows windows, const WindowedCodec* windowed,
                    std::shared_ptr<const TableNode> self)
      : aggregation_(std::move(aggregation)),
        windows_(windows),
        windowed_(windowed),
        self_(std::move(self)) {
    MR_CHECK(Duration(0) < windows_.advance && windows_.advance <= windows_.size,
             "windows advance by more than nothing and at most by their size");
  }

  void Init(ErasedContext* context) override {
    ErasedProcessor::Init(context);
    store_ = static_cast<ErasedWindowStore*>(context->GetStore(self_->store));
    MR_CHECK(store_->spec().kind == StoreKind::kWindow, "the table needs a window store");
    // What the operator saw before a restart it saw at least up to there.
    stream_time_ = store_->observed_stream_time();
  }

  void Process(const ErasedRecord& record) override {
    if (record.key == nullptr) return context_->CountDropped(Drop::kNullKey);
    if (record.value == nullptr && !aggregation_.takes_null_values) {
      return context_->CountDropped(Drop::kNullValue);
    }
    stream_time_ = std::max(stream_time_, record.timestamp);
    void* key = window_key_.Emplace(windowed_->codec);
    windowed_->set_key(key, record.key);
    for (Timestamp start = FirstStart(record.timestamp); start <= record.timestamp;
         start += windows_.advance) {
      const Timestamp end = start + windows_.size;
      if (end + windows_.grace <= stream_time_) {
        context_->CountDropped(Drop::kLate);
        continue;
      }
      windowed_->set_bounds(key, start, end);
      Update(record, start);
    }
  }

 private:
  // The first multiple of `advance`, from the epoch on, whose window holds the timestamp.
  Timestamp FirstStart(Timestamp timestamp) const {
    const Duration since_epoch = timestamp.time_since_epoch();
    const Duration earliest = std::max(Duration(0), since_epoch - windows_.size + windows_.advance);
    return Timestamp(earliest / windows_.advance * windows_.advance);
  }

  void Update(const ErasedRecord& record, Timestamp start) {
    const StoredValue row = store_->Fetch(record.key, start);
    const bool is_new = row.value == nullptr;
    const void* before = row.value;
    if (is_new && aggregation_.initial != nullptr) before = aggregation_.initial(&initial_);
    const void* after = aggregation_.apply(record, before, &after_);

    ErasedRecord update = record;
    update.key = window_key_.get();
    update.value = after;
    update.timestamp = is_new ? record.timestamp : std::max(record.timestamp, row.timestamp);
    update.old_value = nullptr;
    if (self_->send_old_values) update.old_value = is_new ? before : Keep(before);
    store_->Put(record.key, start, after, update.timestamp);
    context_->Forward(update);
  }
  // A row lent by the store does not outlive the next call.
  const void* Keep(const void* row) {
    old_.Assign(aggregation_.codec, row);
    return old_.get();
  }

  Aggregation aggregation_;
  TimeWindows windows_;
  const WindowedCodec* windowed_;
  std::shared_ptr<const TableNode> self_;
  ErasedWindowStore* store_ = nullptr;
  Timestamp stream_time_ = kNoTimestamp;
  ErasedValue window_key_;
  ErasedValue initial_;
  ErasedValue after_;
  ErasedValue old_;
};

}  // namespace

ProcessorFactory MakeWindowedAggregate(Aggregation aggregation, TimeWindows windows,
                                       const WindowedCodec* windowed,
                                       std::shared_ptr<const TableNode> self) {
  return FactoryOf<WindowedAggregate>(std::move(aggregation), windows, windowed, std::move(self));
}

}  // namespace millrace::detail
