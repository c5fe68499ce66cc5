// PassThrough: a node that is only a place in the graph, such as the meeting point of a merge.
#include "millrace/detail/operators.h"
#include "processor/factory.h"

namespace millrace::detail {
namespace {

class PassThrough final : public ErasedProcessor {
 public:
  void Process(const ErasedRecord& record) override { context_->Forward(record); }
};

}  // namespace

ProcessorFactory MakePassThrough() { return FactoryOf<PassThrough>(); }

}  // namespace millrace::detail
