#include "store/buffer_pool.h"

#include "store/write_back_buffer.h"

namespace millrace::store {

void BufferPool::Add(BufferedRow* row, size_t bytes) {
  row->bytes = bytes;
  cached_bytes_ += bytes;
  Link(row);
}

void BufferPool::Remove(BufferedRow* row) {
  cached_bytes_ -= row->bytes;
  if (row->dirty) {
    dirty_bytes_ -= row->bytes;
  } else {
    Unlink(row);
  }
}

void BufferPool::Recharge(BufferedRow* row, size_t bytes) {
  cached_bytes_ += bytes - row->bytes;
  if (row->dirty) dirty_bytes_ += bytes - row->bytes;
  row->bytes = bytes;
}

void BufferPool::MarkDirty(BufferedRow* row) {
  row->dirty = true;
  dirty_bytes_ += row->bytes;
  Unlink(row);
}

void BufferPool::MarkClean(BufferedRow* row) {
  row->dirty = false;
  dirty_bytes_ -= row->bytes;
  Link(row);
}

void BufferPool::EvictToFit() {
  // Every row is looked at twice at most: once to take its second chance, once to go.
  for (size_t looks = 2 * clean_rows_; looks > 0; --looks) {
    if (cached_bytes_ <= capacity_ || clean_rows_ == 0) return;
    BufferedRow* oldest = clean_.next;
    if (oldest->referenced || oldest->owner->IsBorrowed(oldest)) {
      oldest->referenced = false;
      Unlink(oldest);
      Link(oldest);
    } else {
      oldest->owner->Erase(oldest);
    }
  }
}

void BufferPool::Link(BufferedRow* row) {
  row->previous = clean_.previous;
  row->next = &clean_;
  clean_.previous->next = row;
  clean_.previous = row;
  ++clean_rows_;
}

void BufferPool::Unlink(BufferedRow* row) {
  row->previous->next = row->next;
  row->next->previous = row->previous;
  --clean_rows_;
}

}  // namespace millrace::store
