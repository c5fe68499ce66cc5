// SubscriptionReceive: remembers which left rows name a right row, and answers them with it. The
// answer has the higher timestamp of the two rows.
#include <algorithm>
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

class SubscriptionReceive final : public ErasedProcessor {
 public:
  SubscriptionReceive(ForeignKeyJoin join, const std::shared_ptr<const TableNode>& right)
      : join_(std::move(join)), rows_(right->getter()) {}

  void Init(ErasedContext* context) override {
    ErasedProcessor::Init(context);
    rows_->Init(context);
    store_ = static_cast<ErasedKeyValueStore*>(context->GetStore(join_.store));
  }

  void Process(const ErasedRecord& record) override {
    if (record.value == nullptr) return context_->CountDropped(Drop::kNullValue);
    const Subscription subscription =
        ParseSubscription(static_cast<const Bytes*>(record.value)->data);
    if (record.key == nullptr) return Answer(record, subscription, StoredValue());
    Remember(record, subscription);
    if (subscription.instruction == Instruction::kLeave) return;
    rows_->Read(record.key, [&](StoredValue row) {
      if (subscription.instruction == Instruction::kAnswerIfFound && row.value == nullptr) return;
      Answer(record, subscription, row);
    });
  }

 private:
  void Remember(const ErasedRecord& record, const Subscription& subscription) {
    scratch_.clear();
    join_.other_key->encode(record.key, &scratch_);
    row_key_.data.clear();
    AppendSubscriptionPrefix(scratch_, &row_key_.data);
    row_key_.data += subscription.row_key;
    if (subscription.instruction == Instruction::kLeave ||
        subscription.instruction == Instruction::kLeaveAndAnswer) {
      store_->Put(&row_key_, nullptr, kNoTimestamp);
      return;
    }
    subscriber_.data.clear();
    AppendSubscriber(subscription.subscriber, &subscriber_.data);
    store_->Put(&row_key_, &subscriber_, record.timestamp);
  }

  void Answer(const ErasedRecord& record, const Subscription& subscription, StoredValue row) {
    ErasedRecord answer = record;
    if (row.value != nullptr) answer.timestamp = std::max(record.timestamp, row.timestamp);
    Response response{subscription.subscriber, std::nullopt};
    if (row.value != nullptr && subscription.instruction != Instruction::kLeaveAndAnswer) {
      scratch_.clear();
      join_.other_value->encode(row.value, &scratch_);
      response.row = scratch_;
    }
    message_.data.clear();
    AppendResponse(response, &message_.data);
    row_key_.data = subscription.row_key;
    context_->Forward(answer.WithKey(&row_key_).WithValue(&message_));
  }

  ForeignKeyJoin join_;
  std::unique_ptr<TableGetter> rows_;
  ErasedKeyValueStore* store_ = nullptr;
  Bytes row_key_;
  Bytes subscriber_;
  Bytes message_;
  std::string scratch_;
};

}  // namespace

ProcessorFactory MakeSubscriptionReceive(ForeignKeyJoin join,
                                         std::shared_ptr<const TableNode> right) {
  return FactoryOf<SubscriptionReceive>(std::move(join), std::move(right));
}

}  // namespace millrace::detail
