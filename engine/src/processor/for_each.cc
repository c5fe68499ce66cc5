// ForEach: the end of a stream in a function of the user's.
#include <utility>

#include "millrace/detail/operators.h"
#include "processor/factory.h"

namespace millrace::detail {
namespace {

class ForEach final : public ErasedProcessor {
 public:
  explicit ForEach(RecordAction action) : action_(std::move(action)) {}

  void Process(const ErasedRecord& record) override { action_(record); }

 private:
  RecordAction action_;
};

}  // namespace

ProcessorFactory MakeForEach(RecordAction action) { return FactoryOf<ForEach>(std::move(action)); }

}  // namespace millrace::detail
