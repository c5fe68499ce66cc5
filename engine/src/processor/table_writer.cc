#include "processor/table_writer.h"

#include "millrace/status.h"

namespace millrace::detail {

void TableWriter::Init(ErasedContext* context, const TableNode& table) {
  context_ = context;
  send_old_values_ = table.send_old_values;
  ErasedStore* store = context->GetStore(table.store);
  if (store->spec().kind == StoreKind::kVersioned) {
    versions_ = static_cast<ErasedVersionedStore*>(store);
    return;
  }
  MR_CHECK(store->spec().kind == StoreKind::kKeyValue, "the table needs a key-value store");
  rows_ = static_cast<ErasedKeyValueStore*>(store);
}

bool TableWriter::Write(ErasedRecord* update) {
  if (versions_ != nullptr) return WriteVersion(update);
  if (!update->is_latest) {
    context_->CountDropped(Drop::kLate);
    return false;
  }
  update->old_value = WriteRow(*update);
  return true;
}

const void* TableWriter::WriteRow(const ErasedRecord& update) {
  const WrittenBy by(update.timestamp, update.headers);
  if (!send_old_values_) {
    rows_->Put(update.key, update.value, by);
    return nullptr;
  }
  const Codec* codec = rows_->spec().value;
  if (update.value != nullptr) {
    old_.Assign(codec, update.value);
    rows_->Swap(update.key, &old_, by);
  } else {
    // A row lent by the store does not outlive the next call.
    old_.Assign(codec, rows_->Get(update.key).value);
    rows_->Put(update.key, nullptr, by);
  }
  return old_.get();
}

bool TableWriter::WriteVersion(ErasedRecord* update) {
  old_.Reset();
  if (send_old_values_) {
    old_.Assign(versions_->spec().value, versions_->Get(update->key).value);
  }
  const VersionPut put =
      versions_->Put(update->key, update->value, {update->timestamp, update->headers});
  if (!put.kept) {
    context_->CountDropped(Drop::kExpired);
    return false;
  }
  update->old_value = old_.get();
  update->is_latest = put.is_latest();
  return true;
}

}  // namespace millrace::detail
