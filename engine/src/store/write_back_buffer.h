// WriteBackBuffer: the decoded rows of one store that were read or written lately, by row key.
//
// It remembers what changed since the last Apply() in the order of the first change, and, once a
// range was read, the same rows in key order. Thread: the task's.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "base/text.h"
#include "store/buffer_pool.h"

namespace millrace::store {

class WriteBackBuffer {
 public:
  struct KeyLess {
    using is_transparent = void;
    static std::string_view Key(const BufferedRow* row) { return row->key; }
    static std::string_view Key(std::string_view key) { return key; }
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return Key(a) < Key(b);
    }
  };
  using DirtyIndex = absl::btree_set<BufferedRow*, KeyLess>;

  explicit WriteBackBuffer(BufferPool* pool) : pool_(pool) {}
  WriteBackBuffer(const WriteBackBuffer&) = delete;
  WriteBackBuffer& operator=(const WriteBackBuffer&) = delete;
  ~WriteBackBuffer();

  // Null when the row is not buffered. Finding the row of the call before costs no hashing.
  BufferedRow* Find(std::string_view key) {
    if (last_ != nullptr && last_->key == key) return last_;
    auto found = rows_.find(key);
    if (found == rows_.end()) return nullptr;
    last_ = *found;
    last_->referenced = true;
    return last_;
  }

  // Adds an absent, clean row. REQUIRES: Find(key) == null.
  BufferedRow* Insert(std::string_view key);
  void SetPayloadBytes(BufferedRow* row, size_t payload_bytes);
  void MarkDirty(BufferedRow* row) {
    if (!row->dirty) AddDirty(row);
  }

  // Rows that changed since the last Apply(), in the order of their first change.
  const std::vector<BufferedRow*>& dirty() const { return dirty_; }
  // The same by key. Valid until the buffer changes. Kept up to date from the first call on.
  const DirtyIndex& DirtyByKey();

  // All dirty rows are in the backend now.
  void OnApplied();
  // Forgets the dirty rows.
  void Discard();
  // Forgets everything. REQUIRES: nothing dirty.
  void Clear();
  void Erase(BufferedRow* row);
  // A row whose value the store's caller may still look at.
  bool IsBorrowed(const BufferedRow* row) const { return row == last_; }

 private:
  struct KeyHash {
    using is_transparent = void;
    size_t operator()(std::string_view key) const {
      return absl::Hash<absl::string_view>()(AbslView(key));
    }
    size_t operator()(const BufferedRow* row) const { return (*this)(std::string_view(row->key)); }
  };
  struct KeyEqual {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const {
      return KeyLess::Key(a) == KeyLess::Key(b);
    }
  };
  void AddDirty(BufferedRow* row);

  BufferPool* pool_;
  absl::flat_hash_set<BufferedRow*, KeyHash, KeyEqual> rows_;
  BufferedRow* last_ = nullptr;  // the row that was found or inserted last
  std::vector<BufferedRow*> dirty_;
  bool index_wanted_ = false;
  DirtyIndex dirty_by_key_;
};

}  // namespace millrace::store
