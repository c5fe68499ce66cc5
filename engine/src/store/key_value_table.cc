#include "store/key_value_table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "millrace/status.h"
#include "store/row_cursor.h"

namespace millrace::store {
namespace {

class KeyValueIterator : public detail::StoreIterator {
 public:
  KeyValueIterator(BufferedTable* table, BufferedTable::Bounds bounds, detail::Order order)
      : table_(table), cursor_(table, std::move(bounds), order) {}

  bool Valid() const override { return cursor_.Valid(); }
  void Next() override {
    cursor_.Next();
    key_decoded_ = false;
  }
  const void* key() override {
    if (!key_decoded_) DecodeKey();
    return key_.get();
  }
  std::string_view key_bytes() const override { return cursor_.key(); }
  detail::StoredValue value() override { return cursor_.value(); }
  const Headers& headers() override { return cursor_.headers(); }

 private:
  void DecodeKey() {
    key_decoded_ = true;
    const detail::StoreSpec& spec = table_->spec();
    absl::Status status = spec.key->decode(cursor_.key(), key_.Emplace(spec.key));
    if (!status.ok()) {
      table_->context()->Report(absl::DataLossError(
          absl::StrCat("store ", spec.name, ": a key cannot be decoded: ", status.message())));
    }
  }

  BufferedTable* table_;
  RowCursor cursor_;
  bool key_decoded_ = false;
  detail::ErasedValue key_;
};

}  // namespace

KeyValueTable::KeyValueTable(detail::StoreSpec spec, StoreBackend* backend, TableId table,
                             StoreContext* context)
    : spec_(std::move(spec)), table_(&spec_, backend, table, context) {}

std::unique_ptr<detail::StoreIterator> KeyValueTable::Range(const void* from, const void* to,
                                                            detail::Order order) {
  BufferedTable::Bounds bounds;
  if (from != nullptr) spec_.key->encode(from, &bounds.lower);
  if (to != nullptr) {
    spec_.key->encode(to, &bounds.upper);
    bounds.upper.push_back('\0');  // the smallest key behind `to`
  }
  return std::make_unique<KeyValueIterator>(&table_, std::move(bounds), order);
}

std::unique_ptr<detail::StoreIterator> KeyValueTable::Prefix(std::string_view prefix,
                                                             detail::Order order) {
  BufferedTable::Bounds bounds;
  bounds.lower = prefix;
  bounds.upper = PrefixEnd(prefix);
  return std::make_unique<KeyValueIterator>(&table_, std::move(bounds), order);
}

absl::Status KeyValueTable::CollectChanges(const EmitChange* emit, BackendBatch* batch) {
  for (BufferedRow* row : table_.dirty()) MR_RETURN_IF_ERROR(CollectRow(row, emit, batch));
  return absl::OkStatus();
}

absl::Status KeyValueTable::CollectRow(BufferedRow* row, const EmitChange* emit,
                                       BackendBatch* batch) {
  ChangelogRecord change = table_.Collect(*row, batch);
  change.key = row->key;
  return emit == nullptr ? absl::OkStatus() : (*emit)(spec_, change);
}

absl::Status KeyValueTable::Restore(const RecordView& record, BackendBatch* batch) {
  if (!record.key.has_value()) return BadChangelogRecord(spec_, record, "has no key");
  if (!record.value.has_value()) {
    batch->Delete(table_.id(), *record.key);
    return absl::OkStatus();
  }
  batch->Put(table_.id(), *record.key, table_.RowOf(record));
  return absl::OkStatus();
}

std::vector<KeySpan> KeyValueTable::SpansOf(const StoreQuery& query) const {
  KeySpan span{query.prefix, PrefixEnd(query.prefix)};
  if (query.from.has_value()) span.lower = std::max(span.lower, *query.from);
  if (query.to.has_value()) {
    const std::string behind = *query.to + '\0';
    if (span.upper.empty() || behind < span.upper) span.upper = behind;
  }
  return {span};
}

bool KeyValueTable::ChangelogKey(std::string_view row_key, std::string* key) const {
  key->assign(row_key);
  return true;
}

}  // namespace millrace::store
