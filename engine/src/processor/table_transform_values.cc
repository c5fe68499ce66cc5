// TableTransformValues: a table of what a stateful object makes of each update of another one,
// deletions included. It may make something else of the same row the next time, so the rows are
// kept.
#include <memory>
#include <utility>

#include "millrace/detail/table_operators.h"
#include "processor/factory.h"
#include "processor/table_writer.h"

namespace millrace::detail {
namespace {

class TableTransformValues final : public ErasedProcessor {
 public:
  TableTransformValues(const TransformerFactory& make, std::shared_ptr<const TableNode> self)
      : transformer_(make()), self_(std::move(self)) {}

  void Init(ErasedContext* context) override {
    ErasedProcessor::Init(context);
    rows_.Init(context, *self_);
    transformer_->Init(context);
  }

  void Process(const ErasedRecord& update) override {
    transformer_->Transform(update, [&](const void* value) {
      ErasedRecord row = update.WithValue(value);
      if (rows_.Write(&row)) context_->Forward(row);
    });
  }

  void Close() override { transformer_->Close(); }

 private:
  std::unique_ptr<ErasedTransformer> transformer_;
  std::shared_ptr<const TableNode> self_;
  TableWriter rows_;
};

}  // namespace

ProcessorFactory MakeTableTransformValues(TransformerFactory make,
                                          std::shared_ptr<const TableNode> self) {
  return FactoryOf<TableTransformValues>(std::move(make), std::move(self));
}

}  // namespace millrace::detail
