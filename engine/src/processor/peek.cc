// Peek: looks at a record, then passes it on.
#include <utility>

#include "millrace/detail/operators.h"
#include "processor/factory.h"

namespace millrace::detail {
namespace {

class Peek final : public ErasedProcessor {
 public:
  explicit Peek(RecordAction action) : action_(std::move(action)) {}

  void Process(const ErasedRecord& record) override {
    action_(record);
    context_->Forward(record);
  }

 private:
  RecordAction action_;
};

}  // namespace

ProcessorFactory MakePeek(RecordAction action) { return FactoryOf<Peek>(std::move(action)); }

}  // namespace millrace::detail
