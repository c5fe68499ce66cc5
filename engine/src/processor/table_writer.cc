#include "processor/table_writer.h"

#include "millrace/status.h"

namespace millrace::detail {

void TableWriter::Init(ErasedContext* context, const TableNode& table) {
  store_ = static_cast<ErasedKeyValueStore*>(context->GetStore(table.store));
  MR_CHECK(store_->spec().kind == StoreKind::kKeyValue, "the table needs a key-value store");
  send_old_values_ = table.send_old_values;
}

const void* TableWriter::Write(const void* key, const void* value, Timestamp timestamp) {
  if (!send_old_values_) {
    store_->Put(key, value, timestamp);
    return nullptr;
  }
  const Codec* codec = store_->spec().value;
  if (value != nullptr) {
    old_.Assign(codec, value);
    store_->Swap(key, &old_, timestamp);
  } else {
    // A row lent by the store does not outlive the next call.
    old_.Assign(codec, store_->Get(key).value);
    store_->Put(key, nullptr, timestamp);
  }
  return old_.get();
}

}  // namespace millrace::detail
