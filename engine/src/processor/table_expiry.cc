// TableExpiry: a table of the rows of another one that were updated within the last `ttl`. A row
// that was not is deleted: by stream time before the next record is looked at, by wall-clock time
// in a punctuation. Beside the rows lies a store of their times:
//
//   key 00                        value: stream time i64
//   key 01 | time i64 | key       value: empty; oldest first
//   key 02 | key                  value: time i64 | end of the key's window i64, if it has one
//
// The end is there because the bytes of a windowed key lack it.
// An update that is out of order does not make a row older.
#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/big_endian.h"
#include "millrace/detail/more_operators.h"
#include "millrace/serde.h"
#include "millrace/status.h"
#include "processor/factory.h"
#include "processor/table_writer.h"

namespace millrace::detail {
namespace {

constexpr char kTimeMark = 1;
constexpr char kKeyMark = 2;
const Bytes kClockKey{std::string(1, '\0')};
const Bytes kFirstTime{std::string(1, kTimeMark)};
const Bytes kNothing;

class TableExpiryStep final : public ErasedProcessor {
 public:
  TableExpiryStep(TableExpiry what, std::shared_ptr<const TableNode> self)
      : what_(std::move(what)), self_(std::move(self)) {}

  void Init(ErasedContext* context) override {
    ErasedProcessor::Init(context);
    rows_.Init(context, *self_);
    times_ = static_cast<ErasedKeyValueStore*>(context->GetStore(what_.times));
    now_ = TimeIn(times_->Get(&kClockKey));
    FindFirst();
    if (!by_stream_time()) {
      context->Schedule(what_.check_every, PunctuationType::kWallClock, std::nullopt,
                        [this](Timestamp now) { Expire(now); });
    }
  }

  void Process(const ErasedRecord& update) override {
    if (update.key == nullptr) return context_->CountDropped(Drop::kNullKey);
    // An update of the past of a row is no sign of life.
    if (!update.is_latest) return context_->CountDropped(Drop::kLate);
    if (by_stream_time()) {
      MoveOn(update.timestamp);
      Expire(now_);
    }
    key_.data.assign(1, kKeyMark);
    what_.key->encode(update.key, &key_.data);
    const Timestamp before = TimeIn(times_->Get(&key_));
    if (update.value == nullptr) return Delete(update, before);
    const Timestamp own = by_stream_time() ? update.timestamp : context_->WallClock();
    const Timestamp time = std::max(own, before);
    if (by_stream_time() && IsOver(time, now_)) return context_->CountDropped(Drop::kExpired);
    if (what_.windowed != nullptr) end_ = what_.windowed->end(update.key);
    if (time != before) Move(before, time);
    Write(update);
  }

  bool OnIdle(Timestamp stream_time) override {
    if (!by_stream_time() || stream_time <= now_) return false;
    if (first_ == kNever || !IsOver(first_, stream_time)) return false;
    MoveOn(stream_time);
    return Expire(now_);
  }

 private:
  bool by_stream_time() const { return what_.clock == PunctuationType::kStreamTime; }
  bool IsOver(Timestamp time, Timestamp now) const { return time + what_.ttl <= now; }

  static Timestamp TimeIn(const StoredValue& row) {
    if (row.value == nullptr) return kNoTimestamp;
    return TimestampFromMillis(ReadOrdered(static_cast<const Bytes*>(row.value)->data));
  }
  void PutTime(const Bytes& key, Timestamp time, Timestamp end = kNoTimestamp) {
    time_.data.clear();
    AppendOrdered(ToMillis(time), &time_.data);
    if (end != kNoTimestamp) AppendOrdered(ToMillis(end), &time_.data);
    times_->Put(&key, &time_, time);
  }
  void MoveOn(Timestamp timestamp) {
    if (timestamp <= now_) return;
    now_ = timestamp;
    PutTime(kClockKey, now_);
  }

  // The place of the row of key_ in the order of times.
  const Bytes* PlaceAt(Timestamp time) {
    place_.data.assign(1, kTimeMark);
    AppendOrdered(ToMillis(time), &place_.data);
    place_.data.append(key_.data, 1);
    return &place_;
  }
  void Move(Timestamp before, Timestamp time) {
    if (before != kNoTimestamp) times_->Put(PlaceAt(before), nullptr, kNoTimestamp);
    times_->Put(PlaceAt(time), &kNothing, time);
    PutTime(key_, time, end_);
    first_ = std::min(first_, time);
  }
  void Forget(Timestamp time) {
    times_->Put(PlaceAt(time), nullptr, kNoTimestamp);
    times_->Put(&key_, nullptr, kNoTimestamp);
  }

  // Nobody needs the tombstone of a row that is not there, or no longer.
  void Delete(const ErasedRecord& update, Timestamp before) {
    if (before == kNoTimestamp) return;
    Forget(before);
    Write(update);
  }
  void Write(const ErasedRecord& update) {
    ErasedRecord written = update;
    if (rows_.Write(&written)) context_->Forward(written);
  }

  void FindFirst() {
    const auto row = times_->Range(&kFirstTime, nullptr, Order::kForward);
    first_ = row->Valid() && row->key_bytes().front() == kTimeMark ? TimeOfPlace(row->key_bytes())
                                                                   : kNever;
  }
  static Timestamp TimeOfPlace(std::string_view place) {
    MR_CHECK(place.size() > sizeof(int64_t), "the place of a row has its time");
    return TimestampFromMillis(ReadOrdered(place.substr(1)));
  }

  // Returns whether any row did.
  bool Expire(Timestamp now) {
    if (first_ == kNever || !IsOver(first_, now)) return false;
    bool any = false;
    {
      const auto row = times_->Range(&kFirstTime, nullptr, Order::kForward);
      for (; row->Valid() && row->key_bytes().front() == kTimeMark; row->Next()) {
        const Timestamp time = TimeOfPlace(row->key_bytes());
        if (!IsOver(time, now)) break;
        key_.data.assign(1, kKeyMark);
        key_.data += row->key_bytes().substr(1 + sizeof(int64_t));
        ExpireRow(time);
        any = true;
      }
    }
    FindFirst();
    return any;
  }
  // A deletion by time has no headers: it is nobody's doing.
  void ExpireRow(Timestamp time) {
    void* key = key_box_.Emplace(what_.key);
    MR_CHECK(what_.key->decode(std::string_view(key_.data).substr(1), key).ok(),
             "the key of an expired row");
    if (what_.windowed != nullptr) RestoreEnd(key);
    Forget(time);
    ErasedRecord tombstone;
    tombstone.key = key;
    tombstone.timestamp = by_stream_time()
                              ? time + what_.ttl
                              : std::max(rows_.Read(key).timestamp, context_->StreamTime());
    if (rows_.Write(&tombstone)) context_->Forward(tombstone);
  }

  // Of the window of the key that key_ has the bytes of.
  void RestoreEnd(void* key) {
    const StoredValue row = times_->Get(&key_);
    if (row.value == nullptr) return;
    std::string_view bytes = static_cast<const Bytes*>(row.value)->data;
    bytes.remove_prefix(std::min(bytes.size(), sizeof(int64_t)));
    if (bytes.size() < sizeof(int64_t)) return;
    what_.windowed->set_bounds(key, what_.windowed->start(key),
                               TimestampFromMillis(ReadOrdered(bytes)));
  }

  static constexpr Timestamp kNever = TimestampFromMillis(std::numeric_limits<int64_t>::max());

  const TableExpiry what_;
  std::shared_ptr<const TableNode> self_;
  TableWriter rows_;
  ErasedKeyValueStore* times_ = nullptr;
  Timestamp now_ = kNoTimestamp;  // stream time
  Timestamp first_ = kNever;      // no row is older
  Bytes key_;                     // 02 | key
  Timestamp end_ = kNoTimestamp;  // of the window of the update's key
  Bytes place_;
  Bytes time_;
  ErasedValue key_box_;
};

}  // namespace

ProcessorFactory MakeTableExpiry(TableExpiry what, std::shared_ptr<const TableNode> self) {
  return FactoryOf<TableExpiryStep>(std::move(what), std::move(self));
}

}  // namespace millrace::detail
