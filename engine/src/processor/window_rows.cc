#include "processor/window_rows.h"

#include <algorithm>

#include "millrace/status.h"

namespace millrace::detail {

void WindowRows::Init(ErasedContext* context) {
  context_ = context;
  store_ = static_cast<ErasedWindowStore*>(context->GetStore(fold_.self->store));
  MR_CHECK(store_->spec().kind == StoreKind::kWindow, "the table needs a window store");
  window_key_.Emplace(fold_.windowed->codec);
  emitted_.Init(context);
  late_.Init(context);
}

const void* WindowRows::Initial() {
  return fold_.aggregation.initial == nullptr ? nullptr : fold_.aggregation.initial(&initial_);
}

void WindowRows::Update(const ErasedRecord& record, WindowBounds window, const StoredValue& row) {
  if (row.value == nullptr) {
    Fold(record, window, Initial(), record.timestamp, /*is_new=*/true);
  } else {
    Fold(record, window, row.value, std::max(record.timestamp, row.timestamp), /*is_new=*/false);
  }
}

void WindowRows::Start(const ErasedRecord& record, WindowBounds window, const StoredValue& before) {
  const Timestamp timestamp =
      before.value == nullptr ? record.timestamp : std::max(record.timestamp, before.timestamp);
  Fold(record, window, before.value, timestamp, /*is_new=*/true);
}

void WindowRows::Fold(const ErasedRecord& record, WindowBounds window, const void* before,
                      Timestamp timestamp, bool is_new) {
  const void* after = fold_.aggregation.apply(record, before, &after_);
  const void* old_value = nullptr;
  if (fold_.self->send_old_values) old_value = is_new ? before : Keep(before);
  store_->Put(record.key, window.start, after, {timestamp, record.headers});
  Forward(record, window, {after, timestamp}, old_value);
}

void WindowRows::Insert(const ErasedRecord& record, WindowBounds window, const StoredValue& row) {
  store_->Put(record.key, window.start, row.value, {row.timestamp, record.headers});
  Forward(record, window, row, nullptr);
}

void WindowRows::Forward(const ErasedRecord& record, WindowBounds window, const StoredValue& row,
                         const void* old_value) {
  if (emitted_.enabled()) return;
  void* key = window_key_.get();
  fold_.windowed->set_key(key, record.key);
  fold_.windowed->set_bounds(key, window.start, window.end);
  ErasedRecord update = record;
  update.key = key;
  update.value = row.value;
  update.timestamp = row.timestamp;
  update.old_value = old_value;
  context_->Forward(update);
}

bool WindowRows::EmitClosed(const ErasedRecord& record, Timestamp last_start, Duration length) {
  if (!emitted_.enabled() || last_start <= emitted_.time()) return false;
  const Timestamp first_start = emitted_.time() + Duration(1);
  auto row = store_->FetchKeys(nullptr, nullptr, first_start, last_start, Order::kForward);
  // Idle time that did nothing is not remembered, nor is this.
  const bool idle = record.key == nullptr;
  if (idle && !row->Valid()) return false;
  emitted_.Advance(last_start);
  void* key = window_key_.get();
  const bool any = row->Valid();
  for (; row->Valid(); row->Next()) {
    fold_.windowed->set_key(key, row->key());
    fold_.windowed->set_bounds(key, row->window_start(), row->window_start() + length);
    ErasedRecord result = record;
    result.key = key;
    const StoredValue value = row->value();
    result.value = value.value;
    result.timestamp = value.timestamp;
    result.old_value = nullptr;
    if (store_->spec().keep_headers) result.headers = &row->headers();
    context_->Forward(result);
  }
  return any;
}

}  // namespace millrace::detail
