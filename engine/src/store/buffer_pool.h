// BufferPool: the memory of all write-back buffers of a task, and the policy that keeps it bounded.
//
// Rows come from the backend or from writes and stay decoded. Clean rows are forgotten, least
// recently used first (second chance), once the pool is over its capacity; dirty rows never: the
// task commits early instead. Thread: the task's.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "millrace/detail/codec.h"
#include "millrace/headers.h"
#include "millrace/time.h"

namespace millrace::store {

class WriteBackBuffer;

// One row of a buffer. Its address stays the same until it is evicted.
struct BufferedRow {
  std::string key;
  detail::ErasedValue value;         // empty: there is no such row
  std::unique_ptr<Headers> headers;  // null: none
  Timestamp timestamp = kNoTimestamp;
  size_t bytes = 0;  // what it is charged with
  bool dirty = false;
  bool referenced = false;
  WriteBackBuffer* owner = nullptr;
  BufferedRow* previous = nullptr;  // in the pool's list of clean rows
  BufferedRow* next = nullptr;
};

class BufferPool {
 public:
  explicit BufferPool(size_t capacity) : capacity_(capacity) {
    clean_.previous = clean_.next = &clean_;
  }
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  size_t cached_bytes() const { return cached_bytes_; }
  size_t dirty_bytes() const { return dirty_bytes_; }

  // A new row, clean and charged with `bytes`.
  void Add(BufferedRow* row, size_t bytes);
  // The row is about to be deleted.
  void Remove(BufferedRow* row);
  void Recharge(BufferedRow* row, size_t bytes);
  void MarkDirty(BufferedRow* row);
  void MarkClean(BufferedRow* row);
  // Evicts clean rows until the pool fits, as far as there are any.
  void EvictToFit();

 private:
  void Link(BufferedRow* row);
  void Unlink(BufferedRow* row);

  size_t capacity_;
  size_t cached_bytes_ = 0;
  size_t dirty_bytes_ = 0;
  size_t clean_rows_ = 0;
  BufferedRow clean_;  // head of the ring; next = the oldest
};

}  // namespace millrace::store
