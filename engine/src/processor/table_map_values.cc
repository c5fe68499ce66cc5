// TableMapValues: a table with the mapped rows of another one. Tombstones stay tombstones.
#include <memory>
#include <utility>

#include "absl/functional/function_ref.h"
#include "millrace/detail/operators.h"
#include "processor/factory.h"
#include "processor/table_writer.h"

namespace millrace::detail {
namespace {

class TableMapValues final : public ErasedProcessor {
 public:
  TableMapValues(ValueMapper map, std::shared_ptr<const TableNode> self)
      : map_(std::move(map)), self_(std::move(self)) {}

  void Init(ErasedContext* context) override {
    ErasedProcessor::Init(context);
    kept_ = !self_->store.empty();
    if (kept_) rows_.Init(context, *self_);
  }

  void Process(const ErasedRecord& update) override {
    Mapped(update, update.value, [&](const void* value) {
      ErasedRecord row = update.WithValue(value);
      if (kept_) {
        if (rows_.Write(&row)) context_->Forward(row);
      } else if (self_->send_old_values) {
        ForwardWithOld(update, row);
      } else {
        context_->Forward(row);
      }
    });
  }

 private:
  // A view has no row to look up: the row before is mapped again.
  void ForwardWithOld(const ErasedRecord& update, ErasedRecord row) {
    Mapped(update, update.old_value, [&](const void* old_value) {
      row.old_value = old_value;
      context_->Forward(row);
    });
  }
  void Mapped(const ErasedRecord& update, const void* value, ValueSink use) const {
    if (value == nullptr) {
      use(nullptr);
    } else {
      map_(update.WithValue(value), use);
    }
  }

  ValueMapper map_;
  std::shared_ptr<const TableNode> self_;
  bool kept_ = false;
  TableWriter rows_;
};

}  // namespace

ProcessorFactory MakeTableMapValues(ValueMapper map, std::shared_ptr<const TableNode> self) {
  return FactoryOf<TableMapValues>(std::move(map), std::move(self));
}

}  // namespace millrace::detail
