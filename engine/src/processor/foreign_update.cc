// ForeignUpdate: sends an update of a right row to all left rows that name it, in the order of the
// bytes of their keys, with the update's timestamp.
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "millrace/detail/foreign_key_operators.h"
#include "millrace/serde.h"
#include "processor/factory.h"
#include "processor/subscription.h"

namespace millrace::detail {
namespace {

class ForeignUpdate final : public ErasedProcessor {
 public:
  explicit ForeignUpdate(ForeignKeyJoin join) : join_(std::move(join)) {}

  void Init(ErasedContext* context) override {
    ErasedProcessor::Init(context);
    store_ = static_cast<ErasedKeyValueStore*>(context->GetStore(join_.store));
  }

  void Process(const ErasedRecord& update) override {
    if (update.key == nullptr) return context_->CountDropped(Drop::kNullKey);
    if (!update.is_latest) return context_->CountDropped(Drop::kLate);
    row_.clear();
    if (update.value != nullptr) join_.other_value->encode(update.value, &row_);
    scratch_.clear();
    join_.other_key->encode(update.key, &scratch_);
    prefix_.clear();
    AppendSubscriptionPrefix(scratch_, &prefix_);
    for (const auto it = store_->Prefix(prefix_, Order::kForward); it->Valid(); it->Next()) {
      Send(update, it->key_bytes().substr(prefix_.size()), it->value());
    }
  }

 private:
  void Send(const ErasedRecord& update, std::string_view row_key, const StoredValue& subscriber) {
    Response response{ParseSubscriber(static_cast<const Bytes*>(subscriber.value)->data),
                      std::nullopt};
    if (update.value != nullptr) response.row = row_;
    message_.data.clear();
    AppendResponse(response, &message_.data);
    row_key_.data = row_key;
    context_->Forward(update.WithKey(&row_key_).WithValue(&message_));
  }

  ForeignKeyJoin join_;
  ErasedKeyValueStore* store_ = nullptr;
  std::string row_;
  std::string scratch_;
  std::string prefix_;
  Bytes row_key_;
  Bytes message_;
};

}  // namespace

ProcessorFactory MakeForeignUpdate(ForeignKeyJoin join) {
  return FactoryOf<ForeignUpdate>(std::move(join));
}

}  // namespace millrace::detail
