// Map and FlatMap: each pair goes on at once, with the timestamp and headers of its record.
#include <utility>

#include "millrace/detail/operators.h"
#include "processor/factory.h"

namespace millrace::detail {
namespace {

class Map final : public ErasedProcessor {
 public:
  explicit Map(PairMapper map) : map_(std::move(map)) {}

  void Process(const ErasedRecord& record) override {
    map_(record, [&](const void* key, const void* value) {
      context_->Forward(record.WithKey(key).WithValue(value));
    });
  }

 private:
  PairMapper map_;
};

}  // namespace

ProcessorFactory MakeMap(PairMapper map) { return FactoryOf<Map>(std::move(map)); }

}  // namespace millrace::detail
