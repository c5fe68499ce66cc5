// Aggregate: folds the records of each key into one row of a table. Every update is passed on. Its
// timestamp is the highest of all records that went into the row; its old value, for a new row, is
// what the aggregation starts from (Kafka Streams' rule, which filters of such tables see).
#include <algorithm>
#include <memory>
#include <utility>

#include "millrace/detail/operators.h"
#include "processor/factory.h"
#include "processor/table_writer.h"

namespace millrace::detail {
namespace {

class Aggregate final : public ErasedProcessor {
 public:
  Aggregate(Aggregation aggregation, std::shared_ptr<const TableNode> self)
      : aggregation_(std::move(aggregation)), self_(std::move(self)) {}

  void Init(ErasedContext* context) override {
    ErasedProcessor::Init(context);
    rows_.Init(context, *self_);
  }

  void Process(const ErasedRecord& record) override {
    if (record.key == nullptr || record.value == nullptr) {
      context_->CountDropped(record.key == nullptr ? Drop::kNullKey : Drop::kNullValue);
      return;
    }
    const StoredValue row = rows_.Read(record.key);
    if (row.value == nullptr) {
      Start(record);
    } else {
      Continue(record, row);
    }
  }

 private:
  void Start(const ErasedRecord& record) {
    const void* initial =
        aggregation_.initial == nullptr ? nullptr : aggregation_.initial(&initial_);
    const void* after = aggregation_.apply(record, initial, &after_);
    ErasedRecord update = record.WithValue(after);
    if (!rows_.Write(&update)) return;
    update.old_value = self_->send_old_values ? initial : nullptr;
    context_->Forward(update);
  }
  void Continue(const ErasedRecord& record, const StoredValue& row) {
    const Timestamp timestamp = std::max(record.timestamp, row.timestamp);
    ErasedRecord update = record.WithValue(aggregation_.apply(record, row.value, &after_));
    update.timestamp = timestamp;
    if (rows_.Write(&update)) context_->Forward(update);
  }

  Aggregation aggregation_;
  std::shared_ptr<const TableNode> self_;
  TableWriter rows_;
  ErasedValue initial_;
  ErasedValue after_;
};

}  // namespace

ProcessorFactory MakeAggregate(Aggregation aggregation, std::shared_ptr<const TableNode> self) {
  return FactoryOf<Aggregate>(std::move(aggregation), std::move(self));
}

}  // namespace millrace::detail
