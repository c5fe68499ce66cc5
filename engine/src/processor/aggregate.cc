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
    rows_.Write(record.key, after, record.timestamp);
    Forward(record, after, self_->send_old_values ? initial : nullptr, record.timestamp);
  }
  void Continue(const ErasedRecord& record, const StoredValue& row) {
    const Timestamp timestamp = std::max(record.timestamp, row.timestamp);
    const void* after = aggregation_.apply(record, row.value, &after_);
    Forward(record, after, rows_.Write(record.key, after, timestamp), timestamp);
  }
  void Forward(const ErasedRecord& record, const void* value, const void* old_value,
               Timestamp timestamp) {
    ErasedRecord update = record;
    update.value = value;
    update.old_value = old_value;
    update.timestamp = timestamp;
    context_->Forward(update);
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
