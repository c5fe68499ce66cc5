// TableFilter: a table of the rows of another one that match. A row that stops matching comes out
// as a tombstone; one that never did comes out only where the row before it is not known.
#include <memory>
#include <utility>

#include "millrace/detail/operators.h"
#include "processor/factory.h"
#include "processor/table_writer.h"

namespace millrace::detail {
namespace {

class TableFilter final : public ErasedProcessor {
 public:
  TableFilter(Predicate matches, bool negate, std::shared_ptr<const TableNode> self)
      : matches_(std::move(matches)), negate_(negate), self_(std::move(self)) {}

  void Init(ErasedContext* context) override {
    ErasedProcessor::Init(context);
    kept_ = !self_->store.empty();
    knows_old_ = self_->send_old_values;
    if (kept_) rows_.Init(context, *self_);
  }

  void Process(const ErasedRecord& update) override {
    ErasedRecord row = update.WithValue(Matching(update, update.value));
    if (kept_) {
      Keep(row);
    } else {
      if (knows_old_) row.old_value = Matching(update, update.old_value);
      if (IsNeedless(row.value, row.old_value)) return;
      context_->Forward(row);
    }
  }

 private:
  // The value, or null if the filter does not let it pass. Null is not looked at.
  const void* Matching(const ErasedRecord& update, const void* value) const {
    if (value == nullptr) return nullptr;
    return matches_(update.WithValue(value)) != negate_ ? value : nullptr;
  }
  bool IsNeedless(const void* value, const void* old_value) const {
    return knows_old_ && value == nullptr && old_value == nullptr;
  }
  void Keep(const ErasedRecord& row) {
    // Asked before the write: deleting a row that is not there would reach the changelog. In a
    // history it says from when on there is none.
    const bool may_be_needless = knows_old_ && row.value == nullptr && !rows_.versioned();
    if (may_be_needless && rows_.Read(row.key).value == nullptr) return;
    ErasedRecord update = row;
    if (rows_.Write(&update)) context_->Forward(update);
  }

  Predicate matches_;
  bool negate_;
  std::shared_ptr<const TableNode> self_;
  bool kept_ = false;
  bool knows_old_ = false;
  TableWriter rows_;
};

}  // namespace

ProcessorFactory MakeTableFilter(Predicate matches, bool negate,
                                 std::shared_ptr<const TableNode> self) {
  return FactoryOf<TableFilter>(std::move(matches), negate, std::move(self));
}

}  // namespace millrace::detail
