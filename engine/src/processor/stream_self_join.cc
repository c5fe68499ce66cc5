// StreamSelfJoin: an inner join of a stream with itself that keeps its records once. A record meets
// the earlier ones as the left side, then as the right side, and itself: once, before the first
// record of the second round that is newer. Stands behind the JoinWindow that keeps the records.
#include <algorithm>
#include <memory>
#include <utility>

#include "millrace/detail/operators.h"
#include "millrace/status.h"
#include "processor/factory.h"

namespace millrace::detail {
namespace {

constexpr Timestamp kEpoch = TimestampFromMillis(0);

class StreamSelfJoin final : public ErasedProcessor {
 public:
  explicit StreamSelfJoin(StreamJoin join) : join_(std::move(join)) {}

  void Init(ErasedContext* context) override {
    ErasedProcessor::Init(context);
    store_ = static_cast<ErasedWindowStore*>(context->GetStore(join_.left_store));
  }

  void Process(const ErasedRecord& record) override {
    if (record.value == nullptr) return context_->CountDropped(Drop::kNullValue);
    if (record.key == nullptr) return context_->CountDropped(Drop::kNullKey);
    bool met_itself = !MeetsItself(record.timestamp);
    Walk(record, join_.before, join_.after, [&](const void* other, Timestamp timestamp) {
      Forward(record, other, record, std::max(timestamp, record.timestamp));
    });
    Walk(record, join_.after, join_.before, [&](const void* other, Timestamp timestamp) {
      if (timestamp > record.timestamp && !met_itself) {
        met_itself = true;
        Forward(record, record.value, record, record.timestamp);
      }
      Forward(record.WithValue(other), record.value, record, std::max(timestamp, record.timestamp));
    });
    if (!met_itself) Forward(record, record.value, record, record.timestamp);
  }

 private:
  // A record that is too old to be kept does not. Kafka Streams' check is 1 ms off.
  bool MeetsItself(Timestamp timestamp) const {
    if (join_.before < Duration(0) || join_.after < Duration(0)) return false;
    const Timestamp newest = std::max(store_->observed_stream_time(), timestamp);
    const Duration off(join_.kafka_streams_rules ? 1 : 0);
    return timestamp > newest - store_->spec().retention + off;
  }

  template <class F>
  void Walk(const ErasedRecord& record, Duration before, Duration after, F meet) {
    const auto row =
        store_->FetchRange(record.key, std::max(kEpoch, record.timestamp - before),
                           std::max(kEpoch, record.timestamp + after), Order::kForward);
    for (; row->Valid(); row->Next()) meet(row->value().value, row->window_start());
  }

  void Forward(const ErasedRecord& left, const void* right, const ErasedRecord& cause,
               Timestamp timestamp) {
    join_.join(left, right, [&](const void* joined) {
      ErasedRecord result = cause.WithValue(joined);
      result.timestamp = timestamp;
      context_->Forward(result);
    });
  }

  const StreamJoin join_;
  ErasedWindowStore* store_ = nullptr;
};

}  // namespace

ProcessorFactory MakeStreamSelfJoin(StreamJoin join) {
  return FactoryOf<StreamSelfJoin>(std::move(join));
}

}  // namespace millrace::detail
