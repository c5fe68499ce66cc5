#include "store/memory_backend.h"

#include <utility>

namespace millrace::store {
namespace {
constexpr size_t kScanChunk = 1024;
}  // namespace

class MemoryBackend::Iterator : public BackendIterator {
 public:
  explicit Iterator(const Table* table) : table_(table), at_(table->end()) {}

  void SeekAtOrAfter(std::string_view key) override { at_ = table_->lower_bound(key); }
  void SeekBefore(std::string_view key) override {
    at_ = table_->lower_bound(key);
    Prev();
  }
  void SeekToLast() override {
    at_ = table_->end();
    Prev();
  }
  void Next() override { ++at_; }
  void Prev() override { at_ = at_ == table_->begin() ? table_->end() : std::prev(at_); }
  bool Valid() const override { return at_ != table_->end(); }
  std::string_view key() const override { return at_->first; }
  std::string_view row() const override { return at_->second; }
  absl::Status status() const override { return absl::OkStatus(); }

 private:
  const Table* table_;
  Table::const_iterator at_;
};

absl::StatusOr<bool> MemoryBackend::Get(TableId table, std::string_view key, std::string* row) {
  const Table& rows = tables_[table.value()];
  auto found = rows.find(key);
  if (found == rows.end()) return false;
  row->assign(found->second);
  return true;
}

std::unique_ptr<BackendIterator> MemoryBackend::NewIterator(TableId table) {
  return std::make_unique<Iterator>(&tables_[table.value()]);
}

absl::Status MemoryBackend::Apply(const BackendBatch& batch) {
  absl::MutexLock lock(&mutex_);
  for (size_t i = 0; i < batch.size(); ++i) {
    BackendBatch::Change change = batch.at(i);
    Table& rows = tables_[change.table.value()];
    switch (change.kind) {
      case BackendBatch::Kind::kPut:
        if (auto at = rows.lower_bound(change.key); at != rows.end() && at->first == change.key) {
          at->second.assign(change.value);
        } else {
          rows.emplace_hint(at, change.key, change.value);
        }
        break;
      case BackendBatch::Kind::kDelete:
        if (auto found = rows.find(change.key); found != rows.end()) rows.erase(found);
        break;
      case BackendBatch::Kind::kDeleteRange:
        rows.erase(rows.lower_bound(change.key), rows.lower_bound(change.value));
        break;
    }
  }
  return absl::OkStatus();
}

absl::Status MemoryBackend::Scan(TableId table, const KeySpan& span, const RowVisitor& visit) {
  std::vector<std::pair<std::string, std::string>> chunk;
  std::string from = span.lower;
  do {
    chunk.clear();
    {
      absl::ReaderMutexLock lock(&mutex_);
      const Table& rows = tables_[table.value()];
      for (auto at = rows.lower_bound(from); at != rows.end() && chunk.size() < kScanChunk; ++at) {
        if (!span.upper.empty() && at->first >= span.upper) break;
        chunk.emplace_back(*at);
      }
    }
    for (const auto& [key, row] : chunk) {
      if (!visit(key, row)) return absl::OkStatus();
    }
    if (!chunk.empty()) from = chunk.back().first + '\0';
  } while (chunk.size() == kScanChunk);
  return absl::OkStatus();
}

}  // namespace millrace::store
