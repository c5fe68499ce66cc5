#include "processor/unmatched_records.h"

#include <algorithm>

#include "base/big_endian.h"
#include "millrace/status.h"

namespace millrace::detail {
namespace {

constexpr char kRecordMark = 1;
const Bytes kClockKey{std::string(1, '\0')};
const Bytes kFirstRecord{std::string(1, kRecordMark)};
constexpr size_t kHeadSize = 1 + sizeof(int64_t) + 1;

void AppendSized(std::string_view bytes, std::string* out) {
  AppendBigEndian<uint32_t>(static_cast<uint32_t>(bytes.size()), out);
  out->append(bytes);
}

std::string_view TakeSized(std::string_view* bytes) {
  MR_CHECK(bytes->size() >= sizeof(uint32_t), "an unmatched record is too short");
  const auto size = ReadBigEndian<uint32_t>(*bytes);
  bytes->remove_prefix(sizeof(uint32_t));
  MR_CHECK(bytes->size() >= size, "an unmatched record is too short");
  const std::string_view taken = bytes->substr(0, size);
  bytes->remove_prefix(size);
  return taken;
}

}  // namespace

void UnmatchedRecords::Init(ErasedContext* context) {
  context_ = context;
  store_ = static_cast<ErasedKeyValueStore*>(context->GetStore(join_.waiting_store));
  MR_CHECK(*store_->spec().key->type == typeid(Bytes), "unmatched records are kept as bytes");
}

void UnmatchedRecords::LoadClock() {
  clock_ = {};
  const StoredValue row = store_->Get(&kClockKey);
  if (row.value == nullptr) return;
  const std::string_view bytes = static_cast<const Bytes*>(row.value)->data;
  MR_CHECK(bytes.size() == 2 * sizeof(int64_t), "the clock of a join has two times");
  clock_.stream_time = TimestampFromMillis(ReadOrdered(bytes));
  clock_.first_waiting = TimestampFromMillis(ReadOrdered(bytes.substr(sizeof(int64_t))));
}

void UnmatchedRecords::SaveClock() {
  clock_row_.data.clear();
  AppendOrdered(ToMillis(clock_.stream_time), &clock_row_.data);
  AppendOrdered(ToMillis(clock_.first_waiting), &clock_row_.data);
  store_->Put(&kClockKey, &clock_row_, clock_.stream_time);
}

Timestamp UnmatchedRecords::Advance(Timestamp timestamp) {
  LoadClock();
  if (timestamp > clock_.stream_time) {
    clock_.stream_time = timestamp;
    SaveClock();
  }
  return clock_.stream_time;
}

void UnmatchedRecords::SetFirstWaiting(Timestamp timestamp) {
  if (timestamp == clock_.first_waiting) return;
  clock_.first_waiting = timestamp;
  SaveClock();
}

void UnmatchedRecords::MakeKey(const void* key, JoinSide side, Timestamp timestamp) {
  key_.data.assign(1, kRecordMark);
  AppendOrdered(ToMillis(timestamp), &key_.data);
  key_.data.push_back(side == JoinSide::kLeft ? '\1' : '\0');
  join_.key->encode(key, &key_.data);
}

void UnmatchedRecords::Add(const ErasedRecord& record, JoinSide side) {
  MakeKey(record.key, side, record.timestamp);
  const StoredValue others = store_->Get(&key_);
  values_.data.clear();
  if (others.value != nullptr) values_.data = static_cast<const Bytes*>(others.value)->data;
  value_.clear();
  AppendHeld(record, context_->metadata(), side == JoinSide::kLeft ? join_.left : join_.right,
             &value_);
  AppendSized(value_, &values_.data);
  store_->Put(&key_, &values_, record.timestamp);
  SetFirstWaiting(std::min(clock_.first_waiting, record.timestamp));
}

void UnmatchedRecords::RemoveFirst(const void* key, JoinSide side, Timestamp timestamp) {
  MakeKey(key, side, timestamp);
  const StoredValue row = store_->Get(&key_);
  if (row.value == nullptr) return;
  std::string_view values = static_cast<const Bytes*>(row.value)->data;
  TakeSized(&values);
  values_.data = values;
  store_->Put(&key_, values.empty() ? nullptr : &values_, timestamp);
}

void UnmatchedRecords::Walk(absl::FunctionRef<Fate(JoinSide, Timestamp)> decide,
                            absl::FunctionRef<void(const Waiting&)> let_out) {
  std::string values;
  const auto row = store_->Range(&kFirstRecord, nullptr, Order::kForward);
  for (; row->Valid(); row->Next()) {
    const std::string_view bytes = row->key_bytes();
    MR_CHECK(bytes.size() >= kHeadSize, "the key of an unmatched record is too short");
    const Timestamp timestamp = TimestampFromMillis(ReadOrdered(bytes.substr(1)));
    const JoinSide side = bytes[kHeadSize - 1] == '\0' ? JoinSide::kRight : JoinSide::kLeft;
    const Fate fate = decide(side, timestamp);
    if (fate == Fate::kEnd) return;
    if (fate == Fate::kStays) continue;
    key_.data = bytes;
    values = static_cast<const Bytes*>(row->value().value)->data;
    LetOut(values, side, timestamp, let_out);
  }
}

// Each is taken off before it is let out, for a function that throws on it would do so for ever.
void UnmatchedRecords::LetOut(std::string_view values, JoinSide side, Timestamp timestamp,
                              absl::FunctionRef<void(const Waiting&)> let_out) {
  const Codec* codec = side == JoinSide::kLeft ? join_.left : join_.right;
  void* key = key_box_.Emplace(join_.key);
  MR_CHECK(join_.key->decode(std::string_view(key_.data).substr(kHeadSize), key).ok(),
           "the key of an unmatched record");
  const Bytes row_key = key_;
  while (!values.empty()) {
    released_.Read(std::string_view(row_key.data).substr(kHeadSize), timestamp, TakeSized(&values));
    void* value = value_box_.Emplace(codec);
    MR_CHECK(codec->decode(released_.value_bytes(), value).ok(), "an unmatched record's value");
    values_.data = values;
    store_->Put(&row_key, values.empty() ? nullptr : &values_, timestamp);
    let_out({side, timestamp, key, value, &released_});
  }
}

}  // namespace millrace::detail
