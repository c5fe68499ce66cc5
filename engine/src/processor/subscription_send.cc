// SubscriptionSend: tells the right rows which left rows name them. An update of a left row goes to
// the right row that it named before and to the one that it names now, in this order.
#include <string>
#include <utility>

#include "millrace/detail/foreign_key_operators.h"
#include "millrace/serde.h"
#include "processor/factory.h"
#include "processor/subscription.h"

namespace millrace::detail {
namespace {

class SubscriptionSend final : public ErasedProcessor {
 public:
  explicit SubscriptionSend(ForeignKeyJoin join) : join_(std::move(join)) {}

  void Process(const ErasedRecord& update) override {
    if (!update.is_latest) return context_->CountDropped(Drop::kLate);
    if (update.value == nullptr && update.old_value == nullptr) return;
    row_key_.clear();
    join_.key->encode(update.key, &row_key_);
    subscriber_ = {HashRow(join_.value, update.value, &scratch_), context_->task().partition};
    join_.foreign_key(update.WithValue(update.old_value), [&](const void* before) {
      join_.foreign_key(update.WithValue(update.value), [&](const void* now) {
        if (join_.left) {
          SendForLeftJoin(update, before, now);
        } else {
          SendForInnerJoin(update, before, now);
        }
      });
    });
  }

 private:
  // Each update gets an answer; a deletion, and a row that names nothing, ask for one with a null
  // key.
  void SendForLeftJoin(const ErasedRecord& update, const void* before, const void* now) {
    if (before != nullptr && !Same(before, now)) Send(update, before, Instruction::kLeave);
    Send(update, now, Instruction::kAnswer);
  }

  void SendForInnerJoin(const ErasedRecord& update, const void* before, const void* now) {
    if (now == nullptr) {
      if (update.value != nullptr) context_->CountDropped(Drop::kNullKey);
      if (before != nullptr) Send(update, before, Instruction::kLeaveAndAnswer);
    } else if (before != nullptr && !Same(before, now)) {
      Send(update, before, Instruction::kLeave);
      Send(update, now, Instruction::kAnswer);  // the result of the old one has to end
    } else {
      Send(update, now, Instruction::kAnswerIfFound);
    }
  }

  bool Same(const void* before, const void* now) {
    if (now == nullptr) return false;
    before_.clear();
    now_.clear();
    join_.other_key->encode(before, &before_);
    join_.other_key->encode(now, &now_);
    return before_ == now_;
  }

  void Send(const ErasedRecord& update, const void* foreign_key, Instruction instruction) {
    message_.data.clear();
    AppendSubscription({instruction, subscriber_, row_key_}, &message_.data);
    context_->Forward(update.WithKey(foreign_key).WithValue(&message_));
  }

  ForeignKeyJoin join_;
  Subscriber subscriber_;
  std::string row_key_;
  std::string scratch_;
  std::string before_;
  std::string now_;
  Bytes message_;
};

}  // namespace

ProcessorFactory MakeSubscriptionSend(ForeignKeyJoin join) {
  return FactoryOf<SubscriptionSend>(std::move(join));
}

}  // namespace millrace::detail
