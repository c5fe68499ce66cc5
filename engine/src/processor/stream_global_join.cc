// StreamGlobalJoin: each record of a stream meets the row that a global table has right now under a
// key that is selected from the record. The result keeps the record's key, also a null one. Updates
// of the table make no results.
#include <string>
#include <utility>

#include "millrace/detail/operators.h"
#include "millrace/status.h"
#include "processor/factory.h"

namespace millrace::detail {
namespace {

class StreamGlobalJoin final : public ErasedProcessor {
 public:
  StreamGlobalJoin(ValueMapper select_key, Joiner join, bool left, std::string store)
      : select_key_(std::move(select_key)),
        join_(std::move(join)),
        left_(left),
        store_(std::move(store)) {}

  void Init(ErasedContext* context) override {
    ErasedProcessor::Init(context);
    rows_ = static_cast<ErasedKeyValueStore*>(context->GetStore(store_));
    MR_CHECK(rows_->spec().kind == StoreKind::kKeyValue, "a global table has a key-value store");
  }

  void Process(const ErasedRecord& record) override {
    if (record.value == nullptr) return context_->CountDropped(Drop::kNullValue);
    select_key_(record, [&](const void* key) {
      if (key != nullptr) {
        Join(record, rows_->Get(key).value);
      } else if (left_) {
        Join(record, nullptr);
      } else {
        context_->CountDropped(Drop::kNullKey);
      }
    });
  }

 private:
  void Join(const ErasedRecord& record, const void* row) {
    if (row == nullptr && !left_) return;
    join_(record, row, [&](const void* joined) { context_->Forward(record.WithValue(joined)); });
  }

  ValueMapper select_key_;
  Joiner join_;
  bool left_;
  std::string store_;
  ErasedKeyValueStore* rows_ = nullptr;
};

}  // namespace

ProcessorFactory MakeStreamGlobalJoin(ValueMapper select_key, Joiner join, bool left,
                                      std::string store) {
  return FactoryOf<StreamGlobalJoin>(std::move(select_key), std::move(join), left,
                                     std::move(store));
}

}  // namespace millrace::detail
