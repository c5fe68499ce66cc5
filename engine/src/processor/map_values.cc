// MapValues and FlatMapValues of a stream: every result goes on at once, under the record's key.
#include <utility>

#include "millrace/detail/operators.h"
#include "processor/factory.h"

namespace millrace::detail {
namespace {

class MapValues final : public ErasedProcessor {
 public:
  explicit MapValues(ValueMapper map) : map_(std::move(map)) {}

  void Process(const ErasedRecord& record) override {
    map_(record, [&](const void* value) { context_->Forward(record.WithValue(value)); });
  }

 private:
  ValueMapper map_;
};

}  // namespace

ProcessorFactory MakeMapValues(ValueMapper map) { return FactoryOf<MapValues>(std::move(map)); }

}  // namespace millrace::detail
