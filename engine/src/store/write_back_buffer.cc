#include "store/write_back_buffer.h"

#include "millrace/status.h"

namespace millrace::store {
namespace {
// The row itself, its slots in the hash table and in the list of changes, the allocator's header.
constexpr size_t kRowOverhead = sizeof(BufferedRow) + 4 * sizeof(void*);
constexpr size_t kInlineKeySize = 15;
}  // namespace

WriteBackBuffer::~WriteBackBuffer() {
  for (BufferedRow* row : rows_) {
    pool_->Remove(row);
    delete row;
  }
}

BufferedRow* WriteBackBuffer::Insert(std::string_view key) {
  // Before last_ moves on: the value that is about to be written may be borrowed from that row.
  pool_->EvictToFit();
  auto row = std::make_unique<BufferedRow>();
  row->key.assign(key);
  row->owner = this;
  bool inserted = rows_.insert(row.get()).second;
  MR_CHECK(inserted, "the row is buffered already");
  last_ = row.release();
  pool_->Add(last_, kRowOverhead + (key.size() > kInlineKeySize ? key.size() : 0));
  return last_;
}

void WriteBackBuffer::SetPayloadBytes(BufferedRow* row, size_t payload_bytes) {
  size_t key_bytes = row->key.size() > kInlineKeySize ? row->key.size() : 0;
  size_t bytes = kRowOverhead + key_bytes + row->value.HeapSize() + payload_bytes;
  if (bytes != row->bytes) pool_->Recharge(row, bytes);
}

void WriteBackBuffer::AddDirty(BufferedRow* row) {
  pool_->MarkDirty(row);
  dirty_.push_back(row);
  if (index_wanted_) dirty_by_key_.insert(row);
}

const WriteBackBuffer::DirtyIndex& WriteBackBuffer::DirtyByKey() {
  if (!index_wanted_) {
    index_wanted_ = true;
    dirty_by_key_.insert(dirty_.begin(), dirty_.end());
  }
  return dirty_by_key_;
}

void WriteBackBuffer::OnApplied() {
  for (BufferedRow* row : dirty_) pool_->MarkClean(row);
  dirty_.clear();
  dirty_by_key_.clear();
}

void WriteBackBuffer::Discard() {
  // The index orders rows by keys that the rows own: it goes first.
  dirty_by_key_.clear();
  for (BufferedRow* row : dirty_) Erase(row);
  dirty_.clear();
}

void WriteBackBuffer::Clear() {
  MR_CHECK(dirty_.empty(), "changes would be lost");
  for (BufferedRow* row : rows_) {
    pool_->Remove(row);
    delete row;
  }
  rows_.clear();
  last_ = nullptr;
}

void WriteBackBuffer::Erase(BufferedRow* row) {
  if (row == last_) last_ = nullptr;
  pool_->Remove(row);
  rows_.erase(row);
  delete row;
}

}  // namespace millrace::store
