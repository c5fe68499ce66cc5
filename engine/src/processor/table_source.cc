// TableSource: makes a table of the records that arrive. An older record overwrites a newer row:
// the order of arrival decides, as in Kafka Streams. In a versioned store it becomes part of the
// history, and goes on as an update that is not the latest.
#include <memory>
#include <utility>

#include "millrace/detail/operators.h"
#include "processor/factory.h"
#include "processor/table_writer.h"

namespace millrace::detail {
namespace {

class TableSource final : public ErasedProcessor {
 public:
  explicit TableSource(std::shared_ptr<const TableNode> self) : self_(std::move(self)) {}

  void Init(ErasedContext* context) override {
    ErasedProcessor::Init(context);
    kept_ = !self_->store.empty();
    if (kept_) rows_.Init(context, *self_);
  }

  void Process(const ErasedRecord& record) override {
    if (record.key == nullptr) {
      context_->CountDropped(Drop::kNullKey);
      return;
    }
    ErasedRecord update = record;
    update.old_value = nullptr;
    if (kept_ && !rows_.Write(&update)) return;
    context_->Forward(update);
  }

 private:
  std::shared_ptr<const TableNode> self_;
  bool kept_ = false;
  TableWriter rows_;
};

}  // namespace

ProcessorFactory MakeTableSource(std::shared_ptr<const TableNode> self) {
  return FactoryOf<TableSource>(std::move(self));
}

}  // namespace millrace::detail
