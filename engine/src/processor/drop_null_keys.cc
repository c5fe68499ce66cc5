#include "processor/drop_null_keys.h"

#include <memory>

namespace millrace::detail {

namespace {

class DropNullKeys : public ErasedProcessor {
 public:
  void Process(const ErasedRecord& record) override {
    if (record.key == nullptr) {
      context_->CountDropped(Drop::kNullKey);
      return;
    }
    context_->Forward(record);
  }
};

}  // namespace

ProcessorFactory DropNullKeysFactory() {
  return [] { return std::make_unique<DropNullKeys>(); };
}

}  // namespace millrace::detail
