// Suppress: holds updates of a table back, one per key, until their time has come.
//
// The buffer is a key-value store, so that it may be larger than memory and is restored from its
// changelog, with two rows for each key that waits:
//
//   'i' | key bytes                    -> time, i64
//   't' | time, i64 | key bytes        -> the update; its layout is in WaitingUpdate
//
// The second kind lies in the order in which updates come out. i64 sorts as bytes.
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "millrace/detail/operators.h"
#include "millrace/status.h"
#include "processor/factory.h"
#include "processor/stream_clock.h"
#include "processor/waiting_update.h"

namespace millrace::detail {
namespace {

constexpr char kIndexMark = 'i';
constexpr char kTimeMark = 't';
constexpr char kBehindTimes = 't' + 1;

class Suppress final : public ErasedProcessor {
 public:
  Suppress(Suppression what, std::shared_ptr<const TableNode> self)
      : what_(std::move(what)), self_(std::move(self)), update_(what_) {}

  void Init(ErasedContext* context) override {
    ErasedProcessor::Init(context);
    store_ = static_cast<ErasedKeyValueStore*>(context->GetStore(what_.store.name));
    clock_.Init(context);
    first_ = TimestampFromMillis(0);
    const auto row = FromFirst();
    if (!row->Valid()) return;
    first_ = SuppressTimeOf(row->key_bytes());
    for (; row->Valid(); row->Next()) ++waiting_;
  }

  void Process(const ErasedRecord& record) override {
    // The newer one may wait, or be out already.
    if (!record.is_latest) return context_->CountDropped(Drop::kLate);
    clock_.Advance(record.timestamp);
    Hold(record);
    LetOut();
  }

  bool OnIdle(Timestamp stream_time) override {
    clock_.Advance(stream_time);
    return LetOut();
  }

 private:
  bool LetOut() {
    const size_t before = waiting_;
    while (waiting_ > 0 && MayLeave(first_) && LetOutFirst()) continue;
    return waiting_ < before;
  }
  // The first one, if that is its time.
  bool MayLeave(Timestamp time) const {
    const bool full = what_.max_records.has_value() && waiting_ > *what_.max_records;
    return full || time <= clock_.now() - what_.limit;
  }
  std::unique_ptr<StoreIterator> FromFirst() {
    from_.data.assign(1, kTimeMark);
    AppendSuppressTime(first_, &from_.data);
    const Bytes behind{std::string(1, kBehindTimes)};
    return store_->Range(&from_, &behind, Order::kForward);
  }

  // An update takes the place of the one of its key that waits already.
  void Hold(const ErasedRecord& record) {
    index_key_.data.assign(1, kIndexMark);
    what_.key->encode(record.key, &index_key_.data);
    const StoredValue place = store_->Get(&index_key_);
    const bool is_new = place.value == nullptr;
    if (is_new) {
      time_.data.clear();
      AppendSuppressTime(TimeOf(record), &time_.data);
      update_.Start(record, self_->send_old_values);
    } else {
      time_.data = static_cast<const Bytes*>(place.value)->data;
    }
    row_key_.data.assign(1, kTimeMark);
    row_key_.data += time_.data;
    row_key_.data.append(index_key_.data, 1);
    if (is_new) {
      Add();
    } else {
      update_.Load(static_cast<const Bytes*>(store_->Get(&row_key_).value));
    }
    update_.Replace(record);
    store_->Put(&row_key_, &update_.bytes(), record.timestamp);
  }
  void Add() {
    store_->Put(&index_key_, &time_, kNoTimestamp);
    const Timestamp time = SuppressTimeOf(row_key_.data);
    first_ = waiting_ == 0 ? time : std::min(first_, time);
    ++waiting_;
  }
  Timestamp TimeOf(const ErasedRecord& record) const {
    return what_.until_closed ? what_.windowed->end(record.key) : record.timestamp;
  }

  // False: its time has not come, after all; first_ is exact now.
  bool LetOutFirst() {
    {
      const auto row = FromFirst();
      MR_CHECK(row->Valid(), "the buffer of a suppressed table lost an update");
      first_ = SuppressTimeOf(row->key_bytes());
      if (!MayLeave(first_)) return false;
      row_key_.data = row->key_bytes();
      update_.Load(static_cast<const Bytes*>(row->value().value));
    }
    index_key_.data.assign(1, kIndexMark);
    index_key_.data.append(SuppressKeyOf(row_key_.data));
    store_->Put(&row_key_, nullptr, kNoTimestamp);
    store_->Put(&index_key_, nullptr, kNoTimestamp);
    --waiting_;
    const ErasedRecord update = update_.Decode(SuppressKeyOf(row_key_.data));
    if (update.value != nullptr || !what_.until_closed) context_->Forward(update);
    return true;
  }

  Suppression what_;
  std::shared_ptr<const TableNode> self_;
  ErasedKeyValueStore* store_ = nullptr;
  StreamClock clock_;
  Timestamp first_;  // no update that waits has an earlier time
  size_t waiting_ = 0;
  WaitingUpdate update_;
  Bytes index_key_;
  Bytes row_key_;
  Bytes time_;
  Bytes from_;
};

}  // namespace

ProcessorFactory MakeSuppress(Suppression what, std::shared_ptr<const TableNode> self) {
  return FactoryOf<Suppress>(std::move(what), std::move(self));
}

}  // namespace millrace::detail
