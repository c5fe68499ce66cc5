// ResponseResolve: joins a left row with the right row that an answer brings, if the answer belongs
// to the row as it is now.
//
// An answer to an older version is ignored: the newer one has asked, too. But in an inner join it
// may have asked for an answer only if there is a right row, because the version before had none;
// then an answer "no right row" that came too late for that version would be lost, and a result
// that has ended would stay. (In Kafka Streams it does.) So that answer makes the row ask again.
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "millrace/detail/foreign_key_operators.h"
#include "millrace/detail/poison.h"
#include "millrace/serde.h"
#include "processor/factory.h"
#include "processor/subscription.h"

namespace millrace::detail {
namespace {

class ResponseResolve final : public ErasedProcessor {
 public:
  ResponseResolve(ForeignKeyJoin join, const std::shared_ptr<const TableNode>& left,
                  std::string result, std::string again)
      : join_(std::move(join)),
        rows_(left->getter()),
        result_(std::move(result)),
        again_(std::move(again)) {}

  void Init(ErasedContext* context) override {
    ErasedProcessor::Init(context);
    rows_->Init(context);
  }

  void Process(const ErasedRecord& record) override {
    if (record.key == nullptr || record.value == nullptr) {
      return context_->CountDropped(record.key == nullptr ? Drop::kNullKey : Drop::kNullValue);
    }
    const Response response = ParseResponse(static_cast<const Bytes*>(record.value)->data);
    rows_->Read(record.key, [&](StoredValue row) {
      const std::optional<RowHash> hash = HashRow(join_.value, row.value, &scratch_);
      if (hash == response.subscriber.hash) {
        Resolve(record.WithValue(row.value), response);
      } else if (!join_.left && !response.row.has_value()) {
        AskAgain(record.WithValue(row.value), {hash, response.subscriber.partition});
      }
    });
  }

 private:
  void Resolve(const ErasedRecord& row, const Response& response) {
    if (row.value == nullptr || (!join_.left && !response.row.has_value()))
      return Result(row, nullptr);
    const void* other = response.row.has_value() ? Decode(*response.row) : nullptr;
    join_.join(row, other, [&](const void* joined) { Result(row, joined); });
  }

  void AskAgain(const ErasedRecord& row, const Subscriber& subscriber) {
    join_.foreign_key(row, [&](const void* foreign_key) {
      if (foreign_key == nullptr) return Result(row, nullptr);
      scratch_.clear();
      join_.key->encode(row.key, &scratch_);
      message_.data.clear();
      AppendSubscription({Instruction::kAnswer, subscriber, scratch_}, &message_.data);
      context_->ForwardTo(again_, row.WithKey(foreign_key).WithValue(&message_));
    });
  }

  void Result(const ErasedRecord& row, const void* joined) {
    context_->ForwardTo(result_, row.WithValue(joined));
  }

  const void* Decode(std::string_view bytes) {
    void* other = other_.Emplace(join_.other_value);
    if (!join_.other_value->decode(bytes, other).ok()) {
      RaisePoison("the right row in an answer of a foreign-key join is damaged");
    }
    return other;
  }

  ForeignKeyJoin join_;
  std::unique_ptr<TableGetter> rows_;
  std::string result_;
  std::string again_;
  std::string scratch_;
  ErasedValue other_;
  Bytes message_;
};

}  // namespace

ProcessorFactory MakeResponseResolve(ForeignKeyJoin join, std::shared_ptr<const TableNode> left,
                                     std::string result, std::string again) {
  return FactoryOf<ResponseResolve>(std::move(join), std::move(left), std::move(result),
                                    std::move(again));
}

}  // namespace millrace::detail
