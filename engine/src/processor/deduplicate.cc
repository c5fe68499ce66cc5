// Deduplicate: lets the first record of an id pass. Others within `horizon` of one that passed,
// before or after it, are dropped; so the order of arrival decides who is first, and event time how
// far apart two must be to be different. Records without an id are nobody's duplicates.
//
// The time of the step is that of the newest record that passed: it is in the store, so that a
// restart changes nothing.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "base/big_endian.h"
#include "millrace/detail/more_operators.h"
#include "millrace/serde.h"
#include "processor/factory.h"
#include "processor/late_records.h"

namespace millrace::detail {
namespace {

constexpr Timestamp kEpoch = TimestampFromMillis(0);

class Deduplicate final : public ErasedProcessor {
 public:
  explicit Deduplicate(Deduplication what) : what_(std::move(what)), late_(what_.late) {}

  void Init(ErasedContext* context) override {
    ErasedProcessor::Init(context);
    seen_ = static_cast<ErasedWindowStore*>(context->GetStore(what_.store));
    late_.Init(context);
  }

  void Process(const ErasedRecord& record) override {
    const void* id = IdOf(record);
    if (id == nullptr) return context_->Forward(record);
    const Timestamp time = record.timestamp;
    if (time + what_.grace < seen_->observed_stream_time()) return late_.Take(record);
    if (WasSeen(id, time)) return context_->CountDropped(Drop::kDuplicate);
    seen_->Put(id, time, &nothing_, time);
    context_->Forward(record);
  }

 private:
  // The key, or size u32 of the key | key | id.
  const void* IdOf(const ErasedRecord& record) {
    if (record.key == nullptr || what_.select_id == nullptr) return record.key;
    bool found = false;
    what_.select_id(record, [&](const void* id) {
      if (id == nullptr) return;
      found = true;
      key_.clear();
      what_.key->encode(record.key, &key_);
      id_.data.clear();
      AppendBigEndian<uint32_t>(static_cast<uint32_t>(key_.size()), &id_.data);
      id_.data += key_;
      what_.id->encode(id, &id_.data);
    });
    return found ? &id_ : nullptr;
  }

  bool WasSeen(const void* id, Timestamp time) {
    return seen_
        ->FetchRange(id, std::max(kEpoch, time - what_.horizon), time + what_.horizon,
                     Order::kForward)
        ->Valid();
  }

  const Deduplication what_;
  LateRecords late_;
  ErasedWindowStore* seen_ = nullptr;
  const Bytes nothing_;
  std::string key_;
  Bytes id_;
};

}  // namespace

ProcessorFactory MakeDeduplicate(Deduplication what) {
  return FactoryOf<Deduplicate>(std::move(what));
}

}  // namespace millrace::detail
