// Filter and FilterNot of a stream.
#include <utility>

#include "millrace/detail/operators.h"
#include "processor/factory.h"

namespace millrace::detail {
namespace {

class Filter final : public ErasedProcessor {
 public:
  Filter(Predicate matches, bool negate) : matches_(std::move(matches)), negate_(negate) {}

  void Process(const ErasedRecord& record) override {
    if (matches_(record) != negate_) context_->Forward(record);
  }

 private:
  Predicate matches_;
  bool negate_;
};

}  // namespace

ProcessorFactory MakeFilter(Predicate matches, bool negate) {
  return FactoryOf<Filter>(std::move(matches), negate);
}

}  // namespace millrace::detail
