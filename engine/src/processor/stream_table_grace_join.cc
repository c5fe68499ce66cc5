// StreamTableGraceJoin: records of a stream wait, so that the updates of a versioned table that are
// late do not miss them: until the stream time reaches their timestamp + grace. Then each meets the
// row that was valid at its timestamp, in the order of timestamp, key bytes, arrival. One that is
// older than the grace when it comes does not wait; neither does one without a key, which has no
// row. The stream time is the highest timestamp of the records that were not dropped.
//
// Those that wait are rows of a key-value store, so that there may be more of them than memory
// holds, and so that they are restored from its changelog:
//
//   't' | timestamp i64 | escaped key | arrival i64   -> the record, see held_record.h
//   'n'                                               -> stream time i64 | last arrival i64
//
// i64 sorts as bytes. Where the function throws on a record that waited, it is that one which is
// poison.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "base/big_endian.h"
#include "millrace/detail/operators.h"
#include "millrace/serde.h"
#include "millrace/status.h"
#include "processor/factory.h"
#include "processor/held_record.h"
#include "store/window_key.h"

namespace millrace::detail {
namespace {

constexpr char kRecordMark = 't';
constexpr char kBehindRecords = 't' + 1;
constexpr char kNowMark = 'n';
constexpr size_t kMarkSize = 1;
constexpr size_t kNumberSize = sizeof(int64_t);

Timestamp TimeOf(std::string_view row_key) {
  return TimestampFromMillis(ReadOrdered(row_key.substr(kMarkSize)));
}

class StreamTableGraceJoin final : public ErasedProcessor {
 public:
  StreamTableGraceJoin(GraceJoin what, const std::shared_ptr<const TableNode>& table)
      : what_(std::move(what)), rows_(table->getter()) {}

  void Init(ErasedContext* context) override {
    ErasedProcessor::Init(context);
    rows_->Init(context);
    waiting_ = static_cast<ErasedKeyValueStore*>(context->GetStore(what_.store));
    now_key_.data.assign(1, kNowMark);
    if (const auto* now = static_cast<const Bytes*>(waiting_->Get(&now_key_).value)) {
      stream_time_ = TimestampFromMillis(ReadOrdered(now->data));
      arrivals_ = ReadOrdered(std::string_view(now->data).substr(kNumberSize));
    }
    first_ = TimestampFromMillis(0);
  }

  void Process(const ErasedRecord& record) override {
    if (record.value == nullptr) return context_->CountDropped(Drop::kNullValue);
    if (record.key == nullptr && !what_.left) return context_->CountDropped(Drop::kNullKey);
    stream_time_ = std::max(stream_time_, record.timestamp);
    if (record.key == nullptr) {
      Join(record, nullptr);
    } else if (record.timestamp < stream_time_ - what_.grace) {
      Meet(record);
    } else {
      Hold(record);
    }
    WriteNow();
    LetOut();
  }

  bool OnIdle(Timestamp stream_time) override {
    const Timestamp before = stream_time_;
    stream_time_ = std::max(stream_time_, stream_time);
    if (LetOut()) {
      WriteNow();
      return true;
    }
    stream_time_ = before;  // nothing was done that would have to be remembered
    return false;
  }

 private:
  // Those whose time has come. Whether there was any.
  bool LetOut() {
    bool any = false;
    while (first_ <= stream_time_ - what_.grace && LetOutFirst()) any = true;
    return any;
  }
  void Hold(const ErasedRecord& record) {
    row_key_.data.assign(1, kRecordMark);
    AppendOrdered(ToMillis(record.timestamp), &row_key_.data);
    scratch_.clear();
    what_.key->encode(record.key, &scratch_);
    store::AppendEscaped(scratch_, &row_key_.data);
    AppendOrdered(++arrivals_, &row_key_.data);
    row_.data.clear();
    AppendHeld(record, context_->metadata(), what_.value, &row_.data);
    waiting_->Put(&row_key_, &row_, record.timestamp);
    first_ = std::min(first_, record.timestamp);
  }
  void WriteNow() {
    row_.data.clear();
    AppendOrdered(ToMillis(stream_time_), &row_.data);
    AppendOrdered(arrivals_, &row_.data);
    waiting_->Put(&now_key_, &row_, stream_time_);
  }

  // False: there is none whose time has come; first_ is exact now.
  bool LetOutFirst() {
    {
      row_key_.data.assign(1, kRecordMark);
      AppendOrdered(ToMillis(first_), &row_key_.data);
      const Bytes behind{std::string(1, kBehindRecords)};
      const auto row = waiting_->Range(&row_key_, &behind, Order::kForward);
      first_ = row->Valid() ? TimeOf(row->key_bytes()) : Timestamp::max();
      if (first_ > stream_time_ - what_.grace) return false;
      row_key_.data = row->key_bytes();
      row_.data = static_cast<const Bytes*>(row->value().value)->data;
    }
    waiting_->Put(&row_key_, nullptr, first_);
    const ErasedRecord record = Decode();
    context_->RunFor(released_.held(), [&] { Meet(record); });
    return true;
  }
  // What row_key_ and row_ hold. The store has checked them.
  ErasedRecord Decode() {
    const std::string_view key = row_key_.data;
    scratch_.clear();
    store::AppendUnescaped(
        key.substr(kMarkSize + kNumberSize, key.size() - kMarkSize - 2 * kNumberSize), &scratch_);
    ErasedRecord record;
    record.timestamp = TimeOf(key);
    void* decoded_key = key_.Emplace(what_.key);
    MR_CHECK(what_.key->decode(scratch_, decoded_key).ok(), "the key of a waiting record");
    released_.Read(scratch_, record.timestamp, row_.data);
    void* value = value_.Emplace(what_.value);
    MR_CHECK(what_.value->decode(released_.value_bytes(), value).ok(),
             "the value of a waiting record");
    record.key = decoded_key;
    record.value = value;
    record.headers = &released_.headers();
    return record;
  }

  void Meet(const ErasedRecord& record) {
    rows_->ReadAsOf(record.key, record.timestamp,
                    [&](StoredValue row) { Join(record, row.value); });
  }
  void Join(const ErasedRecord& record, const void* row) {
    if (row == nullptr && !what_.left) return;
    what_.join(record, row,
               [&](const void* joined) { context_->Forward(record.WithValue(joined)); });
  }

  GraceJoin what_;
  std::unique_ptr<TableGetter> rows_;
  ErasedKeyValueStore* waiting_ = nullptr;
  Timestamp stream_time_ = kNoTimestamp;
  int64_t arrivals_ = 0;
  Timestamp first_;  // no record that waits is earlier
  Bytes now_key_;
  Bytes row_key_;
  Bytes row_;
  std::string scratch_;
  ErasedValue key_;
  ErasedValue value_;
  ReleasedRecord released_;
};

}  // namespace

ProcessorFactory MakeStreamTableGraceJoin(GraceJoin join, std::shared_ptr<const TableNode> table) {
  return FactoryOf<StreamTableGraceJoin>(std::move(join), std::move(table));
}

}  // namespace millrace::detail
