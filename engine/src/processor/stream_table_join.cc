// StreamTableJoin: each record of a stream meets the row that its key has in a table right now,
// whatever the row's timestamp; in a versioned table the row that was valid at its own timestamp.
// Updates of the table make no results.
#include <memory>
#include <utility>

#include "millrace/detail/operators.h"
#include "millrace/status.h"
#include "processor/factory.h"

namespace millrace::detail {
namespace {

class StreamTableJoin final : public ErasedProcessor {
 public:
  StreamTableJoin(Joiner join, bool left, const std::shared_ptr<const TableNode>& table)
      : join_(std::move(join)), left_(left) {
    MR_CHECK(table->getter != nullptr, "a table without a store cannot be joined with");
    rows_ = table->getter();
  }

  void Init(ErasedContext* context) override {
    ErasedProcessor::Init(context);
    rows_->Init(context);
  }

  void Process(const ErasedRecord& record) override {
    if (record.value == nullptr) return context_->CountDropped(Drop::kNullValue);
    if (record.key != nullptr) {
      rows_->ReadAsOf(record.key, record.timestamp,
                      [&](StoredValue row) { Join(record, row.value); });
    } else if (left_) {
      Join(record, nullptr);
    } else {
      context_->CountDropped(Drop::kNullKey);
    }
  }

 private:
  void Join(const ErasedRecord& record, const void* row) {
    if (row == nullptr && !left_) return;
    join_(record, row, [&](const void* joined) { context_->Forward(record.WithValue(joined)); });
  }

  Joiner join_;
  bool left_;
  std::unique_ptr<TableGetter> rows_;
};

}  // namespace

ProcessorFactory MakeStreamTableJoin(Joiner join, bool left,
                                     std::shared_ptr<const TableNode> table) {
  return FactoryOf<StreamTableJoin>(std::move(join), left, std::move(table));
}

}  // namespace millrace::detail
