// ToStream: the updates of a table as records; what was known of the row before is forgotten.
#include "millrace/detail/operators.h"
#include "processor/factory.h"

namespace millrace::detail {
namespace {

class ToStream final : public ErasedProcessor {
 public:
  void Process(const ErasedRecord& update) override {
    ErasedRecord record = update.WithValue(update.value);
    record.is_latest = true;
    context_->Forward(record);
  }
};

}  // namespace

ProcessorFactory MakeToStream() { return FactoryOf<ToStream>(); }

}  // namespace millrace::detail
