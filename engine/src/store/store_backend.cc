#include "store/store_backend.h"

namespace millrace::store {
namespace {
// A batch that grew beyond this (a restore, a burst) gives its memory back.
constexpr size_t kKeptBytesMax = 4 << 20;
}  // namespace

void BackendBatch::Put(TableId table, std::string_view key, std::string_view row) {
  Add(Kind::kPut, table, key, row);
}

void BackendBatch::Delete(TableId table, std::string_view key) {
  Add(Kind::kDelete, table, key, {});
}

void BackendBatch::DeleteRange(TableId table, std::string_view from, std::string_view end) {
  Add(Kind::kDeleteRange, table, from, end);
}

void BackendBatch::Clear() {
  if (arena_.capacity() > kKeptBytesMax) {
    arena_ = std::string();
    ops_ = std::vector<Op>();
  }
  arena_.clear();
  ops_.clear();
}

BackendBatch::Change BackendBatch::at(size_t index) const {
  const Op& op = ops_[index];
  std::string_view arena = arena_;
  return {op.kind, op.table, arena.substr(op.key_at, op.key_size),
          arena.substr(op.key_at + op.key_size, op.value_size)};
}

void BackendBatch::Add(Kind kind, TableId table, std::string_view key, std::string_view value) {
  ops_.push_back({kind, table, arena_.size(), static_cast<uint32_t>(key.size()),
                  static_cast<uint32_t>(value.size())});
  arena_.append(key).append(value);
}

}  // namespace millrace::store
