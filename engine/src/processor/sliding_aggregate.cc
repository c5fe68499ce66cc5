// SlidingAggregate: folds the records of each key into windows [start, start + difference], both
// ends inclusive. There is a window that ends at each record, and one that starts right behind each
// record that has later ones within reach; so no two rows of a key hold the same records.
//
// The rules are Kafka Streams', to the letter: which windows a record makes depends on what it
// finds on its way through the rows around it, newest first.
#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "millrace/detail/operators.h"
#include "processor/factory.h"
#include "processor/stream_clock.h"
#include "processor/window_rows.h"

namespace millrace::detail {
namespace {

constexpr Duration kStep{1};
constexpr Timestamp kEpoch = TimestampFromMillis(0);

// A copy of a row: what the store lends changes with the next update.
class RowCopy {
 public:
  void Take(const Codec* codec, const StoredValue& row) {
    value_.Assign(codec, row.value);
    timestamp_ = row.timestamp;
    taken_ = true;
  }
  void Forget() { taken_ = false; }
  explicit operator bool() const { return taken_; }
  StoredValue get() const { return {value_.get(), timestamp_}; }
  Timestamp timestamp() const { return timestamp_; }

 private:
  ErasedValue value_;
  Timestamp timestamp_ = kNoTimestamp;
  bool taken_ = false;
};

class SlidingAggregate final : public ErasedProcessor {
 public:
  SlidingAggregate(WindowFold fold, SlidingWindows windows)
      : rows_(std::move(fold)), length_(windows.difference), grace_(windows.grace) {}

  void Init(ErasedContext* context) override {
    ErasedProcessor::Init(context);
    rows_.Init(context);
    clock_.Init(context);
  }

  void Process(const ErasedRecord& record) override {
    if (record.key == nullptr || record.value == nullptr) {
      context_->CountDropped(record.key == nullptr ? Drop::kNullKey : Drop::kNullValue);
      return;
    }
    clock_.Advance(record.timestamp);
    if (IsClosed(record.timestamp)) return rows_.late().Take(record);
    if (rows_.emits_before_update()) EmitClosed(record);
    Forget();
    if (record.timestamp < kEpoch + length_) {
      ProcessEarly(record);
    } else {
      ProcessRecord(record);
    }
    if (!kept_) rows_.late().TakeCounted(record);
    EmitClosed(record);
  }

  bool OnIdle(Timestamp stream_time) override {
    clock_.Advance(stream_time);
    return EmitClosed(ErasedRecord());
  }

 private:
  bool EmitClosed(const ErasedRecord& record) {
    return rows_.EmitClosed(record, clock_.now() - grace_ - length_ - kStep, length_);
  }
  // Of the window that starts there.
  bool IsClosed(Timestamp start) const { return start + length_ + grace_ < clock_.now(); }
  WindowBounds From(Timestamp start) const { return {start, start + length_}; }
  void Forget() {
    starts_.clear();
    newer_.Forget();
    older_.Forget();
    previous_.reset();
    ends_here_ = false;
    kept_ = false;
  }
  bool Has(Timestamp start) const {
    return std::find(starts_.begin(), starts_.end(), start) != starts_.end();
  }

  void Update(const ErasedRecord& record, Timestamp start, const StoredValue& row) {
    if (IsClosed(start)) return context_->CountDropped(Drop::kLate);
    kept_ = true;
    rows_.Update(record, From(start), row);
  }
  void Start(const ErasedRecord& record, Timestamp start, const StoredValue& before) {
    if (IsClosed(start)) return context_->CountDropped(Drop::kLate);
    kept_ = true;
    rows_.Start(record, From(start), before);
  }

  void ProcessRecord(const ErasedRecord& record) {
    const Timestamp now = record.timestamp;
    UpdateWindowsAround(record);
    if (previous_.has_value() && *previous_ + kStep + length_ >= now) MakeBehindPrevious(record);
    if (!ends_here_) {
      const bool continues = older_ && previous_.has_value() && *previous_ >= now - length_;
      Start(record, now - length_, continues ? older_.get() : InitialRow(record));
    }
    MakeBehind(record);
  }

  // Updates the windows that hold the record, newest first, until one ends before it.
  void UpdateWindowsAround(const ErasedRecord& record) {
    const Timestamp now = record.timestamp;
    const auto row = rows_.store()->FetchRange(record.key, std::max(kEpoch, now - 2 * length_),
                                               now + kStep, Order::kReverse);
    for (; row->Valid(); row->Next()) {
      const Timestamp start = row->window_start();
      const Timestamp end = start + length_;
      const StoredValue found = row->value();
      starts_.push_back(start);
      if (start > now) continue;
      if (end < now) {
        older_.Take(codec(), found);
        previous_ = found.timestamp;
        return;
      }
      if (end > now && !newer_) newer_.Take(codec(), found);
      Update(record, start, found);
      if (end > now) continue;
      ends_here_ = true;
      if (found.timestamp >= now) return;  // by a record of the same time, which made the others
      previous_ = found.timestamp;
    }
  }

  // Windows of records within [0, length] would start before the epoch: they share [0, length].
  void ProcessEarly(const ErasedRecord& record) {
    const Timestamp now = record.timestamp;
    RowCopy& first = older_;
    const auto row = rows_.store()->FetchRange(record.key, kEpoch, now + kStep, Order::kForward);
    for (; row->Valid(); row->Next()) {
      const Timestamp start = row->window_start();
      const StoredValue found = row->value();
      starts_.push_back(start);
      if (start == kEpoch) {
        first.Take(codec(), found);
        if (found.timestamp < now) previous_ = found.timestamp;
      } else if (start <= now) {
        newer_.Take(codec(), found);
        Update(record, start, found);
      }
    }
    if (!newer_ && first) newer_.Take(codec(), first.get());
    MakeBehind(record);
    if (previous_.has_value()) MakeBehindPrevious(record);
    if (first) {
      Update(record, kEpoch, first.get());
    } else {
      Start(record, kEpoch, InitialRow(record));
    }
  }

  // The window behind the previous record, of this record alone.
  void MakeBehindPrevious(const ErasedRecord& record) {
    const Timestamp start = *previous_ + kStep;
    if (!Has(start)) Start(record, start, InitialRow(record));
  }
  // The window behind this record, of the later ones.
  void MakeBehind(const ErasedRecord& record) {
    const Timestamp start = record.timestamp + kStep;
    if (Has(start) || !newer_ || newer_.timestamp() <= record.timestamp) return;
    rows_.Insert(record, From(start), newer_.get());
  }

  StoredValue InitialRow(const ErasedRecord& record) { return {rows_.Initial(), record.timestamp}; }
  const Codec* codec() const { return rows_.aggregation().codec; }

  WindowRows rows_;
  const Duration length_;
  const Duration grace_;
  StreamClock clock_;
  // What the current record found.
  std::vector<Timestamp> starts_;      // of the windows that were looked at
  RowCopy newer_;                      // the newest window that holds it, as it was before
  RowCopy older_;                      // the window that ended before it; early: [0, length]
  std::optional<Timestamp> previous_;  // the record before it
  bool ends_here_ = false;             // there is a window that ends at it
  bool kept_ = false;                  // a window took it
};

}  // namespace

ProcessorFactory MakeSlidingAggregate(WindowFold fold, SlidingWindows windows) {
  return FactoryOf<SlidingAggregate>(std::move(fold), windows);
}

}  // namespace millrace::detail
