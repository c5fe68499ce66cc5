#include "store/buffered_table.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/text.h"
#include "store/row_cursor.h"

namespace millrace::store {
namespace {
constexpr size_t kIdleIteratorsMax = 4;

// About what they take in memory.
size_t SizeOf(const Headers* headers) {
  if (headers == nullptr) return 0;
  size_t size = sizeof(Headers);
  for (const Headers::Entry& entry : *headers) {
    size += sizeof(entry) + entry.name.size() + (entry.value.has_value() ? entry.value->size() : 0);
  }
  return size;
}

}  // namespace

BufferedTable::BufferedTable(const detail::StoreSpec* spec, StoreBackend* backend, TableId table,
                             StoreContext* context)
    : spec_(spec),
      backend_(backend),
      table_(table),
      context_(context),
      buffer_(&context->pool),
      payload_(spec->value) {}

BufferedTable::~BufferedTable() = default;

void BufferedTable::Put(std::string_view key, const void* value, detail::WrittenBy by) {
  BeforeWrite();
  BufferedRow* row = FindOrInsert(key);
  row->value.Assign(spec_->value, value);
  AfterWrite(row, by);
}

void BufferedTable::Swap(std::string_view key, detail::ErasedValue* value, detail::WrittenBy by,
                         bool new_to_backend, bool blind) {
  BeforeWrite();
  BufferedRow* row = blind ? FindOrInsert(key) : FindOrLoad(key, new_to_backend);
  std::swap(row->value, *value);
  if (blind) value->Reset();
  AfterWrite(row, by);
}

void BufferedTable::Touch(std::string_view key) {
  BeforeWrite();
  buffer_.MarkDirty(FindOrLoad(key, /*new_to_backend=*/false));
}

void BufferedTable::AfterWrite(BufferedRow* row, detail::WrittenBy by) {
  row->timestamp = by.timestamp;
  if (spec_->keep_headers) KeepHeaders(row->value.has_value() ? by.headers : nullptr, row);
  buffer_.SetPayloadBytes(row, (row->value.has_value() ? payload_.Of(row->value.get()) : 0) +
                                   SizeOf(row->headers.get()));
  buffer_.MarkDirty(row);
}

// They may be the row's own, lent by HeadersOf().
void BufferedTable::KeepHeaders(const Headers* headers, BufferedRow* row) {
  if (headers == nullptr || headers->empty()) {
    row->headers.reset();
  } else if (row->headers == nullptr) {
    row->headers = std::make_unique<Headers>(*headers);
  } else {
    *row->headers = *headers;
  }
}

absl::Status BufferedTable::LoadHeaders(std::string_view bytes, BufferedRow* row) {
  if (bytes.empty() || !spec_->keep_headers) return absl::OkStatus();
  row->headers = std::make_unique<Headers>();
  return DecodeHeaders(bytes, row->headers.get());
}

BufferedRow* BufferedTable::Load(std::string_view key, bool new_to_backend) {
  BufferedRow* row = buffer_.Insert(key);
  if (new_to_backend) return row;
  absl::StatusOr<bool> found = backend_->Get(table_, key, &row_scratch_);
  if (!found.ok()) {
    context_->ReportBackend(found.status()).IgnoreError();
    return row;
  }
  if (!*found) return row;
  ParsedRow parsed;
  absl::Status status = ParseRow(row_scratch_, &parsed);
  if (status.ok()) {
    status = spec_->value->decode(parsed.value, row->value.Emplace(spec_->value));
  }
  if (status.ok()) status = LoadHeaders(parsed.headers, row);
  if (!status.ok()) {
    row->value.Reset();
    row->headers.reset();
    ReportDamage(key, status);
    return row;
  }
  row->timestamp = parsed.timestamp;
  buffer_.SetPayloadBytes(row, parsed.value.size() + SizeOf(row->headers.get()));
  return row;
}

ChangelogRecord BufferedTable::Collect(const BufferedRow& dirty, BackendBatch* batch) {
  ChangelogRecord change{{}, std::nullopt, dirty.timestamp};
  if (!dirty.value.has_value()) {
    batch->Delete(table_, dirty.key);
    return change;
  }
  row_scratch_.clear();
  headers_scratch_.clear();
  if (dirty.headers != nullptr) {
    change.headers = dirty.headers.get();
    AppendHeaders(*dirty.headers, &headers_scratch_);
  }
  AppendRowHeader(dirty.timestamp, headers_scratch_, &row_scratch_);
  const size_t value_at = row_scratch_.size();
  spec_->value->encode(dirty.value.get(), &row_scratch_);
  batch->Put(table_, dirty.key, row_scratch_);
  change.value = std::string_view(row_scratch_).substr(value_at);
  return change;
}

std::string_view BufferedTable::RowOf(const RecordView& record) {
  row_scratch_.clear();
  AppendRowHeader(record.timestamp, spec_->keep_headers ? record.headers : std::string_view(),
                  &row_scratch_);
  row_scratch_.append(*record.value);
  return row_scratch_;
}

void BufferedTable::OnApplied() {
  idle_iterators_.clear();
  for (const BufferedRow* row : buffer_.dirty()) {
    if (row->value.has_value()) rows_begin_.Added(row->key);
  }
  buffer_.OnApplied();
}

void BufferedTable::Discard() { buffer_.Discard(); }

void BufferedTable::Clear() {
  idle_iterators_.clear();
  rows_begin_.Forget();
  buffer_.Clear();
}

void BufferedTable::DetachCursors() {
  for (RowCursor* cursor : cursors_) cursor->Detach();
  cursors_.clear();
}

void BufferedTable::ReportDamage(std::string_view key, const absl::Status& status) {
  context_->Report(absl::DataLossError(absl::StrCat("store ", spec_->name, ": the row of key \"",
                                                    absl::CHexEscape(AbslView(key)),
                                                    "\" cannot be read: ", status.message())));
}

std::unique_ptr<BackendIterator> BufferedTable::TakeIterator() {
  if (idle_iterators_.empty()) return backend_->NewIterator(table_);
  std::unique_ptr<BackendIterator> iterator = std::move(idle_iterators_.back());
  idle_iterators_.pop_back();
  return iterator;
}

void BufferedTable::ReturnIterator(std::unique_ptr<BackendIterator> iterator) {
  // One that failed stays failed.
  if (idle_iterators_.size() < kIdleIteratorsMax && iterator->status().ok()) {
    idle_iterators_.push_back(std::move(iterator));
  }
}

}  // namespace millrace::store
