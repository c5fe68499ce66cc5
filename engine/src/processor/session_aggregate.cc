// SessionAggregate: folds the records of each key into one row per session, [first record, last
// record], both inclusive. A record joins the sessions within `gap` of it into one. Every update is
// passed on, a tombstone for each session that is no more; or every session once, when it is
// closed.
//
// A session is closed once end + gap + grace < the highest timestamp that this operator has seen,
// the current record's included; a record that would end up in a closed one is late.
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "millrace/detail/operators.h"
#include "millrace/status.h"
#include "processor/emitted_time.h"
#include "processor/factory.h"
#include "processor/late_records.h"
#include "processor/stream_clock.h"

namespace millrace::detail {
namespace {

constexpr Duration kStep{1};

struct Session {
  Timestamp start;
  Timestamp end;
  ErasedValue value;
};
struct ClosedSession {
  Session session;
  ErasedValue key;
  Headers headers;
};

class SessionAggregate final : public ErasedProcessor {
 public:
  SessionAggregate(WindowFold fold, SessionWindows windows)
      : fold_(std::move(fold)),
        windows_(windows),
        emitted_(fold_.emitted_store),
        late_(fold_.late) {}

  void Init(ErasedContext* context) override {
    ErasedProcessor::Init(context);
    store_ = static_cast<ErasedSessionStore*>(context->GetStore(fold_.self->store));
    MR_CHECK(store_->spec().kind == StoreKind::kSession, "the table needs a session store");
    clock_.Init(context);
    session_key_.Emplace(fold_.windowed->codec);
    emitted_.Init(context);
    late_.Init(context);
  }

  void Process(const ErasedRecord& record) override {
    if (record.key == nullptr) return context_->CountDropped(Drop::kNullKey);
    if (record.value == nullptr && !fold_.aggregation.takes_null_values) {
      return context_->CountDropped(Drop::kNullValue);
    }
    clock_.Advance(record.timestamp);
    if (fold_.emit_before_update) EmitClosed(record, ClosedBefore() - kStep);
    FindNeighbours(record);
    if (merged_.end < ClosedBefore()) {
      late_.Take(record);
    } else {
      Update(record);
    }
    EmitClosed(record, ClosedBefore() - kStep);
  }

  bool OnIdle(Timestamp stream_time) override {
    clock_.Advance(stream_time);
    return EmitClosed(ErasedRecord(), ClosedBefore() - kStep);
  }

 private:
  // Sessions that ended before it are closed.
  Timestamp ClosedBefore() const { return clock_.now() - windows_.grace - windows_.gap; }

  // The sessions that the record joins, and the one that they become.
  void FindNeighbours(const ErasedRecord& record) {
    found_count_ = 0;
    merged_.start = merged_.end = record.timestamp;
    const auto row = store_->FindSessions(record.key, record.key, record.timestamp - windows_.gap,
                                          record.timestamp + windows_.gap, Order::kForward);
    for (; row->Valid(); row->Next()) {
      if (found_count_ == found_.size()) found_.emplace_back();
      Session& session = found_[found_count_++];
      session.start = row->window_start();
      session.end = row->window_end();
      session.value.Assign(fold_.aggregation.codec, row->value().value);
      merged_.start = std::min(merged_.start, session.start);
      merged_.end = std::max(merged_.end, session.end);
    }
  }

  void Update(const ErasedRecord& record) {
    const Aggregation& fold = fold_.aggregation;
    // Before anything is written: a function that throws leaves the rows as they were.
    const void* value = fold.initial == nullptr ? nullptr : fold.initial(&boxes_[0]);
    size_t box = 1;
    for (size_t i = 0; i < found_count_; ++i, box ^= 1) {
      value = fold.merge(record.key, value, found_[i].value.get(), &boxes_[box]);
    }
    value = fold.apply(record, value, &boxes_[box]);
    if (merged_.start != record.timestamp || merged_.end != record.timestamp) {
      for (size_t i = 0; i < found_count_; ++i) Remove(record, found_[i]);
    }
    store_->Put(record.key, merged_.start, merged_.end, value, record.headers);
    Forward(record, merged_, value, nullptr);
  }

  void Remove(const ErasedRecord& record, const Session& session) {
    store_->Put(record.key, session.start, session.end, nullptr, nullptr);
    Forward(record, session, nullptr, fold_.self->send_old_values ? session.value.get() : nullptr);
  }

  bool keeps_headers() const { return store_->spec().keep_headers; }
  // Updates have no headers, for a session is not one record's doing, unless the store keeps those
  // of the last one.
  void Forward(const ErasedRecord& record, const Session& session, const void* value,
               const void* old_value) {
    if (emitted_.enabled()) return;
    ErasedRecord update;
    update.key = KeyOf(record.key, session);
    update.value = value;
    update.old_value = old_value;
    update.timestamp = session.end;
    if (keeps_headers()) update.headers = record.headers;
    context_->Forward(update);
  }
  const void* KeyOf(const void* key, const Session& session) {
    void* windowed = session_key_.get();
    fold_.windowed->set_key(windowed, key);
    fold_.windowed->set_bounds(windowed, session.start, session.end);
    return windowed;
  }

  // Passes on the sessions that ended at or before `last_end` and did not come out yet, in the
  // order of end, start, key. The store's is end, key, start: one end at a time is sorted.
  bool EmitClosed(const ErasedRecord& record, Timestamp last_end) {
    if (!emitted_.enabled() || last_end <= emitted_.time()) return false;
    const auto row = store_->EndedBetween(emitted_.time() + kStep, last_end);
    const bool any = row->Valid();
    // Idle time that did nothing is not remembered, nor is this.
    const bool idle = record.key == nullptr;
    if (idle && !any) return false;
    emitted_.Advance(last_end);
    for (; row->Valid(); row->Next()) {
      if (!closed_.empty() && closed_.back().session.end != row->window_end()) EmitSorted(record);
      ClosedSession& closed = closed_.emplace_back();
      closed.session.start = row->window_start();
      closed.session.end = row->window_end();
      closed.session.value.Assign(fold_.aggregation.codec, row->value().value);
      closed.key.Assign(store_->spec().key, row->key());
      if (keeps_headers()) closed.headers = row->headers();
    }
    EmitSorted(record);
    return any;
  }
  void EmitSorted(const ErasedRecord& record) {
    // Ordered by key already.
    std::stable_sort(closed_.begin(), closed_.end(),
                     [](const ClosedSession& a, const ClosedSession& b) {
                       return a.session.start < b.session.start;
                     });
    for (const ClosedSession& closed : closed_) {
      ErasedRecord result = record.WithValue(closed.session.value.get());
      result.key = KeyOf(closed.key.get(), closed.session);
      result.timestamp = closed.session.end;
      if (keeps_headers()) result.headers = &closed.headers;
      context_->Forward(result);
    }
    closed_.clear();
  }

  WindowFold fold_;
  SessionWindows windows_;
  EmittedTime emitted_;
  LateRecords late_;
  ErasedSessionStore* store_ = nullptr;
  StreamClock clock_;
  ErasedValue session_key_;
  std::vector<Session> found_;  // kept for their memory; the first found_count_ are the record's
  size_t found_count_ = 0;
  Session merged_;  // without a value
  ErasedValue boxes_[2];
  std::vector<ClosedSession> closed_;
};

}  // namespace

ProcessorFactory MakeSessionAggregate(WindowFold fold, SessionWindows windows) {
  return FactoryOf<SessionAggregate>(std::move(fold), windows);
}

}  // namespace millrace::detail
