// TableAggregate: folds the rows of each group into one row of a table. What leaves the group is
// subtracted before what comes is added, and both make one update. A group that does not exist has
// nothing to subtract from: a tombstone comes out (Kafka Streams' rule). The timestamp is the
// highest of all updates that went into the row.
#include <algorithm>
#include <memory>
#include <utility>

#include "millrace/detail/table_operators.h"
#include "processor/change_bytes.h"
#include "processor/factory.h"
#include "processor/table_writer.h"

namespace millrace::detail {
namespace {

class TableAggregate final : public ErasedProcessor {
 public:
  TableAggregate(TableAggregation aggregation, std::shared_ptr<const TableNode> self)
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
    change_.Decode(aggregation_.value, *static_cast<const Bytes*>(record.value));
    if (change_.goes() == nullptr && change_.comes() == nullptr) return;
    const StoredValue row = rows_.Read(record.key);
    ErasedRecord update = record;
    if (row.value != nullptr) update.timestamp = std::max(record.timestamp, row.timestamp);
    const void* after = Add(record, Subtract(record, row.value));
    update.value = after;
    if (rows_.Write(&update)) context_->Forward(update);
  }

 private:
  const void* Subtract(const ErasedRecord& record, const void* aggregate) {
    if (change_.goes() == nullptr || aggregate == nullptr) return aggregate;
    return aggregation_.subtract(record.WithValue(change_.goes()), aggregate, &without_);
  }
  const void* Add(const ErasedRecord& record, const void* aggregate) {
    if (change_.comes() == nullptr) return aggregate;
    const Aggregation& add = aggregation_.add;
    if (aggregate == nullptr && add.initial != nullptr) aggregate = add.initial(&initial_);
    return add.apply(record.WithValue(change_.comes()), aggregate, &after_);
  }

  TableAggregation aggregation_;
  std::shared_ptr<const TableNode> self_;
  TableWriter rows_;
  DecodedChange change_;
  ErasedValue initial_;
  ErasedValue without_;
  ErasedValue after_;
};

}  // namespace

ProcessorFactory MakeTableAggregate(TableAggregation aggregation,
                                    std::shared_ptr<const TableNode> self) {
  return FactoryOf<TableAggregate>(std::move(aggregation), std::move(self));
}

}  // namespace millrace::detail
