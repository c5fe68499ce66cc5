#include "store/lru_table.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "millrace/status.h"

namespace millrace::store {

LruTable::LruTable(detail::StoreSpec spec, StoreBackend* backend, TableId table,
                   StoreContext* context)
    : KeyValueTable(std::move(spec), backend, table, context) {
  MR_CHECK(spec_.max_rows > 0 && spec_.backend == detail::StoreBackendKind::kMemory,
           "a store with a limit of rows is in memory");
}

void LruTable::SetUse(const std::string& key, std::optional<Use> use) {
  if (const auto found = use_of_.find(key); found != use_of_.end()) {
    by_use_.erase(found->second);
    use_of_.erase(found);
  }
  if (!use.has_value()) return;
  use_of_[key] = *use;
  by_use_[*use] = key;
}

void LruTable::MarkUsed(const std::string& key) {
  const auto before = use_of_.find(key);
  committed_.try_emplace(
      key, before == use_of_.end() ? std::nullopt : std::optional<Use>(before->second));
  SetUse(key, ++last_use_);
}

void LruTable::Forget(const std::string& key) {
  const auto before = use_of_.find(key);
  if (before == use_of_.end()) return;
  committed_.try_emplace(key, before->second);
  SetUse(key, std::nullopt);
}

detail::StoredValue LruTable::Get(const void* key) {
  key_ = Encoded(key);
  if (use_of_.contains(key_)) {
    MarkUsed(key_);
    table_.Touch(key_);
  }
  return table_.Get(key_);
}

void LruTable::Put(const void* key, const void* value, detail::WrittenBy by) {
  key_ = Encoded(key);
  table_.Put(key_, value, by);
  if (value == nullptr) return Forget(key_);
  MarkUsed(key_);
  EvictToFit();
}

void LruTable::Swap(const void* key, detail::ErasedValue* value, detail::WrittenBy by) {
  key_ = Encoded(key);
  table_.Swap(key_, value, by);
  MarkUsed(key_);
  EvictToFit();
}

void LruTable::EvictToFit() {
  while (by_use_.size() > spec_.max_rows) {
    const std::string oldest = by_use_.begin()->second;
    table_.Put(oldest, nullptr, kNoTimestamp);
    Forget(oldest);
  }
}

absl::Status LruTable::CollectChanges(const EmitChange* emit, BackendBatch* batch) {
  std::vector<std::pair<Use, BufferedRow*>> rows;  // deleted ones first
  for (BufferedRow* row : table_.dirty()) {
    const auto use = use_of_.find(row->key);
    rows.emplace_back(use == use_of_.end() ? 0 : use->second, row);
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [use, row] : rows) MR_RETURN_IF_ERROR(CollectRow(row, emit, batch));
  return absl::OkStatus();
}

void LruTable::OnApplied() {
  committed_.clear();
  KeyValueTable::OnApplied();
}

void LruTable::Discard() {
  for (const auto& [key, use] : committed_) SetUse(key, use);
  committed_.clear();
  KeyValueTable::Discard();
}

absl::Status LruTable::Restore(const RecordView& record, BackendBatch* batch) {
  if (record.key.has_value()) {
    key_ = *record.key;
    SetUse(key_, record.value.has_value() ? std::optional<Use>(++last_use_) : std::nullopt);
  }
  return KeyValueTable::Restore(record, batch);
}

void LruTable::OnRestored() {
  committed_.clear();
  KeyValueTable::OnRestored();
}

}  // namespace millrace::store
