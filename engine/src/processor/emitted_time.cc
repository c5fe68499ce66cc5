#include "processor/emitted_time.h"

#include <utility>

#include "millrace/serde.h"

namespace millrace::detail {
namespace {
// The only row.
const std::string kRow = "emitted";
}  // namespace

StoreSpec EmittedTimeSpec(std::string name, StoreBackendKind backend, bool changelog) {
  StoreSpec spec;
  spec.name = std::move(name);
  spec.key = CodecOf<std::string>();
  spec.value = CodecOf<int64_t>();
  spec.backend = backend;
  spec.changelog = changelog;
  return spec;
}

void EmittedTime::Init(ErasedContext* context) {
  if (!enabled()) return;
  store_ = static_cast<ErasedKeyValueStore*>(context->GetStore(name_));
  const StoredValue row = store_->Get(&kRow);
  if (row.value != nullptr) time_ = TimestampFromMillis(*static_cast<const int64_t*>(row.value));
}

void EmittedTime::Advance(Timestamp time) {
  time_ = time;
  const int64_t millis = ToMillis(time);
  store_->Put(&kRow, &millis, time);
}

}  // namespace millrace::detail
