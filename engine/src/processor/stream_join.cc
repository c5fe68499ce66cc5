// StreamJoin: one side of a join of two streams. A record meets the records of its key that the
// other side keeps, in the order of their timestamps, then of arrival. In left and outer joins a
// record without a match waits until its window is closed:
// timestamp + look-ahead + grace < the highest timestamp of both sides,
// where look-ahead is `after` for left records and `before` for right ones; then it comes out
// alone, with its own timestamp and headers. A record of an outer side without a key comes out at
// once. Null values are dropped.
//
// Where the function throws, the record that came is poison if it was being joined, and then
// nothing that waits was matched by it; a record that came out alone is poison itself.
//
// Two sets of rules: exact ones, in which a record comes out unmatched or matched but never both,
// as soon as that is known; and those of Kafka Streams (join_window.h says how they differ), where
// it has the headers of the record that set it free.
#include <algorithm>
#include <memory>
#include <utility>

#include "millrace/detail/operators.h"
#include "millrace/status.h"
#include "processor/factory.h"
#include "processor/unmatched_records.h"

namespace millrace::detail {
namespace {

constexpr Timestamp kEpoch = TimestampFromMillis(0);

class StreamJoinSide final : public ErasedProcessor {
 public:
  StreamJoinSide(StreamJoin join, JoinSide side)
      : join_(std::move(join)),
        side_(side),
        other_side_(side == JoinSide::kLeft ? JoinSide::kRight : JoinSide::kLeft),
        outer_(side == JoinSide::kLeft ? join_.left_outer : join_.right_outer),
        has_waiting_(!join_.waiting_store.empty()),
        waiting_(join_) {}

  void Init(ErasedContext* context) override {
    ErasedProcessor::Init(context);
    const bool left = side_ == JoinSide::kLeft;
    others_ = static_cast<ErasedWindowStore*>(
        context->GetStore(left ? join_.right_store : join_.left_store));
    if (has_waiting_) waiting_.Init(context);
  }

  void Process(const ErasedRecord& record) override {
    if (has_waiting_) now_ = waiting_.Advance(record.timestamp);
    if (record.value == nullptr) return context_->CountDropped(Drop::kNullValue);
    if (record.key == nullptr) {
      if (outer_) return Alone(record);
      return context_->CountDropped(Drop::kNullKey);
    }
    if (has_waiting_) LetOutClosed(record);
    if (!Meet(record) && outer_) AloneOrWait(record);
  }

  bool OnIdle(Timestamp stream_time) override {
    if (!has_waiting_ || !waiting_.AnyBefore(stream_time - join_.grace)) return false;
    now_ = waiting_.Advance(stream_time);
    ErasedRecord cause;
    cause.timestamp = now_;  // as of the record that did not come
    return LetOutClosed(cause);
  }

 private:
  // How far a record of that side looks into the future of the other one.
  Duration LookAhead(JoinSide side) const {
    return side == JoinSide::kLeft ? join_.after : join_.before;
  }
  bool IsClosed(JoinSide side, Timestamp timestamp) const {
    return timestamp + LookAhead(side) + join_.grace < now_;
  }

  void Forward(const ErasedRecord& left, const void* right, const ErasedRecord& cause,
               Timestamp timestamp) {
    join_.join(left, right, [&](const void* joined) {
      ErasedRecord result = cause.WithValue(joined);
      result.key = left.key;
      result.timestamp = timestamp;
      context_->Forward(result);
    });
  }
  // `cause` has the headers, and this side's value.
  void ForwardPair(const ErasedRecord& cause, const void* other, Timestamp timestamp) {
    if (side_ == JoinSide::kLeft) {
      Forward(cause, other, cause, timestamp);
    } else {
      Forward(cause.WithValue(other), cause.value, cause, timestamp);
    }
  }
  void Alone(const ErasedRecord& record) { ForwardPair(record, nullptr, record.timestamp); }

  // False if there was nobody to meet.
  bool Meet(const ErasedRecord& record) {
    const Timestamp from = std::max(kEpoch, record.timestamp - LookAhead(other_side_));
    const Timestamp to = std::max(kEpoch, record.timestamp + LookAhead(side_));
    bool met = false;
    const auto row = others_->FetchRange(record.key, from, to, Order::kForward);
    for (; row->Valid(); row->Next()) {
      const Timestamp timestamp = row->window_start();
      // What is closed may have come out unmatched.
      const bool exact = has_waiting_ && !join_.kafka_streams_rules;
      if (exact && IsClosed(other_side_, timestamp)) continue;
      met = true;
      ForwardPair(record, row->value().value, std::max(timestamp, record.timestamp));
      if (has_waiting_) waiting_.RemoveFirst(record.key, other_side_, timestamp);
    }
    return met;
  }

  void AloneOrWait(const ErasedRecord& record) {
    const Duration grace = join_.kafka_streams_rules ? Duration(0) : join_.grace;
    if (std::max(kEpoch, record.timestamp + LookAhead(side_)) + grace < now_) {
      Alone(record);
    } else {
      waiting_.Add(record, side_);
    }
  }

  // Returns whether any did.
  bool LetOutClosed(const ErasedRecord& record) {
    if (join_.kafka_streams_rules) return LetOutAsKafkaStreams(record);
    const Duration least = std::min(join_.before, join_.after);
    if (waiting_.first_waiting() == UnmatchedRecords::kNone ||
        waiting_.first_waiting() + least + join_.grace >= now_) {
      return false;
    }
    bool any = false;
    bool open[2] = {false, false};
    Timestamp first = UnmatchedRecords::kNone;
    waiting_.Walk(
        [&](JoinSide side, Timestamp timestamp) {
          if (!IsClosed(side, timestamp)) {
            first = std::min(first, timestamp);
            open[side == JoinSide::kLeft ? 0 : 1] = true;
            return open[0] && open[1] ? UnmatchedRecords::Fate::kEnd
                                      : UnmatchedRecords::Fate::kStays;
          }
          return UnmatchedRecords::Fate::kLeaves;
        },
        [&](const UnmatchedRecords::Waiting& waiting) {
          any = true;
          LetOut(record, waiting);
        });
    waiting_.SetFirstWaiting(first);
    return any;
  }

  // Only a record at the join's time lets others out, and not before the oldest one would be closed
  // if it were of this record's side. What counts as oldest is the last one that was looked at.
  bool LetOutAsKafkaStreams(const ErasedRecord& record) {
    if (record.timestamp != now_ || waiting_.first_waiting() == UnmatchedRecords::kNone ||
        waiting_.first_waiting() + LookAhead(side_) + join_.grace >= now_) {
      return false;
    }
    bool any = false;
    bool open[2] = {false, false};
    waiting_.SetFirstWaiting(UnmatchedRecords::kNone);
    waiting_.Walk(
        [&](JoinSide side, Timestamp timestamp) {
          waiting_.SetFirstWaiting(timestamp);
          if (open[0] && open[1]) return UnmatchedRecords::Fate::kEnd;
          if (IsClosed(side, timestamp)) return UnmatchedRecords::Fate::kLeaves;
          open[side == JoinSide::kLeft ? 0 : 1] = true;
          return UnmatchedRecords::Fate::kStays;
        },
        [&](const UnmatchedRecords::Waiting& waiting) {
          any = true;
          LetOut(record, waiting);
        });
    return any;
  }

  void LetOut(const ErasedRecord& cause, const UnmatchedRecords::Waiting& waiting) {
    ErasedRecord left = cause;
    left.key = waiting.key;
    left.value = waiting.side == JoinSide::kLeft ? waiting.value : nullptr;
    if (!join_.kafka_streams_rules) left.headers = &waiting.released->headers();
    context_->RunFor(waiting.released->held(), [&] {
      Forward(left, waiting.side == JoinSide::kRight ? waiting.value : nullptr, left,
              waiting.timestamp);
    });
  }

  const StreamJoin join_;
  const JoinSide side_;
  const JoinSide other_side_;
  const bool outer_;
  const bool has_waiting_;
  UnmatchedRecords waiting_;
  ErasedWindowStore* others_ = nullptr;
  Timestamp now_ = kNoTimestamp;  // the join's time, with this record's
};

}  // namespace

ProcessorFactory MakeStreamJoin(StreamJoin join, JoinSide side) {
  return FactoryOf<StreamJoinSide>(std::move(join), side);
}

}  // namespace millrace::detail
