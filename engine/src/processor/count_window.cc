// CountWindow: folds each `size` records of a key into one result. What there is of the next one
// lies in the store; the row goes when the result comes out.
#include <algorithm>
#include <memory>
#include <utility>

#include "millrace/detail/more_operators.h"
#include "millrace/status.h"
#include "processor/factory.h"

namespace millrace::detail {
namespace {

class CountWindow final : public ErasedProcessor {
 public:
  explicit CountWindow(CountedFold fold) : fold_(std::move(fold)) {
    MR_CHECK(fold_.size > 0, "a count window holds records");
  }

  void Init(ErasedContext* context) override {
    ErasedProcessor::Init(context);
    store_ = static_cast<ErasedKeyValueStore*>(context->GetStore(fold_.store));
  }

  void Process(const ErasedRecord& record) override {
    if (record.key == nullptr || record.value == nullptr) {
      context_->CountDropped(record.key == nullptr ? Drop::kNullKey : Drop::kNullValue);
      return;
    }
    const StoredValue row = store_->Get(record.key);
    const int64_t records = row.value == nullptr ? 1 : 1 + fold_.filling->records(row.value);
    const Timestamp timestamp = std::max(record.timestamp, row.timestamp);
    const void* after = fold_.aggregation.apply(record, Before(row), &after_);
    if (records >= fold_.size) {
      if (row.value != nullptr) store_->Put(record.key, nullptr, kNoTimestamp);
      ErasedRecord result = record.WithValue(after);
      result.timestamp = timestamp;
      return context_->Forward(result);
    }
    fold_.filling->set(filling_.Emplace(fold_.filling->codec), records, after);
    store_->Put(record.key, filling_.get(), timestamp);
  }

 private:
  const void* Before(const StoredValue& row) {
    if (row.value != nullptr) return fold_.filling->aggregate(row.value);
    return fold_.aggregation.initial == nullptr ? nullptr : fold_.aggregation.initial(&initial_);
  }

  const CountedFold fold_;
  ErasedKeyValueStore* store_ = nullptr;
  ErasedValue initial_;
  ErasedValue after_;
  ErasedValue filling_;
};

}  // namespace

ProcessorFactory MakeCountWindow(CountedFold fold) {
  return FactoryOf<CountWindow>(std::move(fold));
}

}  // namespace millrace::detail
