// SelectKey: the record goes on under another key, which may be null.
#include <utility>

#include "millrace/detail/operators.h"
#include "processor/factory.h"

namespace millrace::detail {
namespace {

class SelectKey final : public ErasedProcessor {
 public:
  explicit SelectKey(ValueMapper select) : select_(std::move(select)) {}

  void Process(const ErasedRecord& record) override {
    select_(record, [&](const void* key) { context_->Forward(record.WithKey(key)); });
  }

 private:
  ValueMapper select_;
};

}  // namespace

ProcessorFactory MakeSelectKey(ValueMapper select) {
  return FactoryOf<SelectKey>(std::move(select));
}

}  // namespace millrace::detail
