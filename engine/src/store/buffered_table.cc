#include "store/buffered_table.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/text.h"
#include "store/row_cursor.h"

namespace millrace::store {
namespace {
constexpr size_t kIdleIteratorsMax = 4;
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

void BufferedTable::Put(std::string_view key, const void* value, Timestamp timestamp) {
  BeforeWrite();
  BufferedRow* row = FindOrInsert(key);
  row->value.Assign(spec_->value, value);
  AfterWrite(row, timestamp);
}

void BufferedTable::Swap(std::string_view key, detail::ErasedValue* value, Timestamp timestamp,
                         bool new_to_backend, bool blind) {
  BeforeWrite();
  BufferedRow* row = blind ? FindOrInsert(key) : FindOrLoad(key, new_to_backend);
  std::swap(row->value, *value);
  if (blind) value->Reset();
  AfterWrite(row, timestamp);
}

void BufferedTable::Touch(std::string_view key) {
  BeforeWrite();
  buffer_.MarkDirty(FindOrLoad(key, /*new_to_backend=*/false));
}

void BufferedTable::AfterWrite(BufferedRow* row, Timestamp timestamp) {
  row->timestamp = timestamp;
  buffer_.SetPayloadBytes(row, row->value.has_value() ? payload_.Of(row->value.get()) : 0);
  buffer_.MarkDirty(row);
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
  if (!status.ok()) {
    row->value.Reset();
    ReportDamage(key, status);
    return row;
  }
  row->timestamp = parsed.timestamp;
  buffer_.SetPayloadBytes(row, parsed.value.size());
  return row;
}

bool BufferedTable::Encode(BufferedRow* dirty, std::string_view* bytes) {
  if (!dirty->value.has_value()) return false;
  row_scratch_.clear();
  AppendRowHeader(dirty->timestamp, &row_scratch_);
  spec_->value->encode(dirty->value.get(), &row_scratch_);
  *bytes = row_scratch_;
  return true;
}

void BufferedTable::OnApplied() {
  idle_iterators_.clear();
  buffer_.OnApplied();
}

void BufferedTable::Discard() { buffer_.Discard(); }

void BufferedTable::Clear() {
  idle_iterators_.clear();
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
